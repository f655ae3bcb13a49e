package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A program that has a video made over HTTP, with the client that OpenAI publishes.
 *
 * @param folder its files go here
 */
record VideoProgram(OpenAIClient client, Path folder) {
    static VideoProgram of(String address, Path folder) {
        return new VideoProgram(
                OpenAIOkHttpClient.builder().baseUrl(address + "/v1").apiKey("none").build(),
                folder);
    }

    /** Submits a job and returns its id. */
    String submit() throws IOException {
        Path picture = Files.write(folder.resolve("ring.png"), Images.png(RenderedClips.still(1)));
        Video video =
                client.videos()
                        .create(
                                VideoCreateParams.builder()
                                        .prompt("A red ring slides to the left.")
                                        .inputReference(picture)
                                        .putAdditionalBodyProperty(
                                                "reelrank",
                                                JsonValue.from(
                                                        "{\"seeds\": [7], \"settings\": {\"candidate.steps\": 2,"
                                                                + " \"ranking.frames\": 4, \"ranking.maskFrames\": 2}}"))
                                        .build());
        assertThat(video.status()).isEqualTo(Video.Status.QUEUED);
        return video.id();
    }

    /** Waits for the video, takes it, and deletes the job. */
    void takeVideo(String id) throws Exception {
        Instant limit = Instant.now().plusSeconds(300);
        Video video = client.videos().retrieve(id);
        while (video.status().equals(Video.Status.QUEUED)
                || video.status().equals(Video.Status.IN_PROGRESS)) {
            assertThat(Instant.now()).as("%s", video).isBefore(limit);
            Thread.sleep(300);
            video = client.videos().retrieve(id);
        }
        assertThat(video.status()).as("%s", video).isEqualTo(Video.Status.COMPLETED);
        assertThat(video.progress()).isEqualTo(100);
        Path file = folder.resolve("made.mp4");
        try (var content = client.videos().downloadContent(id)) {
            Files.copy(content.body(), file);
        }
        assertThat(VideoReader.probe(file).frames()).isGreaterThan(1);
        assertThat(client.videos().list().data()).extracting(Video::id).contains(id);
        assertThat(client.videos().delete(id).deleted()).isTrue();
        assertThat(client.videos().list().data()).isEmpty();
    }
}
