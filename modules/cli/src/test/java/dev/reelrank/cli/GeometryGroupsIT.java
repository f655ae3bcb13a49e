package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code geometry --groups} on VideoGPA's document, with the tiny random weights of the module. */
final class GeometryGroupsIT {
    private static final String WEIGHTS = "vggt=../geometry/src/test/resources/vggt/model";

    @TempDir Path folder;
    private Path groups;

    @BeforeEach
    void write() throws IOException {
        var clip = new RoomRenderer(64, 64, 1).render(RoomMaker.scene(3), 10).frames();
        video("moves.mp4", clip);
        video("frozen.mp4", Collections.nCopies(10, clip.get(0)));
        groups = folder.resolve("groups.json");
        Files.writeString(
                groups,
                """
                {"made_by": "somebody", "groups": [
                  {"group_id": "g1", "prompt": "A room.", "videos": [
                    {"video_path": "moves.mp4", "generation_id": "a", "latent_path": "a.pt"},
                    {"video_path": "frozen.mp4", "generation_id": "b"},
                    {"video_path": "gone.mp4", "consistency_score": 0.5, "motion_norm": 0.1}]},
                  {"group_id": "g2", "prompt": "The room again.", "videos": [
                    {"video_path": "moves.mp4", "generation_id": "c"}]}]}
                """);
    }

    private void video(String name, List<RgbImage> frames) throws IOException {
        Path file = folder.resolve(name);
        try (var writer = VideoWriter.open(file, 64, 64, VideoSettings.h264(8))) {
            frames.forEach(writer::write);
            writer.finish();
        }
    }

    @Test
    void shouldScoreWhatHasNoScoreAndKeepEverythingElse() throws IOException {
        assertThat(score()).isEqualTo(ExitCode.OK);
        JsonNode document = new ObjectMapper().readTree(groups.toFile());
        assertThat(document.path("made_by").asText()).isEqualTo("somebody");
        JsonNode videos = document.path("groups").path(0).path("videos");
        JsonNode moving = videos.path(0);
        assertThat(moving.path("consistency_score").isNumber()).isTrue();
        assertThat(moving.path("motion_norm").asDouble()).isPositive();
        assertThat(moving.path("consistency_metric").asText()).isEqualTo("geometry_vggt_mse");
        assertThat(moving.path("latent_path").asText()).isEqualTo("a.pt");
        assertThat(videos.path(1).path("consistency_score").isNull()).isTrue();
        assertThat(videos.path(1).path("consistency_reason").asText()).isEqualTo("nothing moves");
        assertThat(videos.path(2).path("consistency_score").asDouble()).isEqualTo(0.5);
        // The same file in another group has the same score.
        JsonNode again = document.path("groups").path(1).path("videos").path(0);
        assertThat(again.path("consistency_score")).isEqualTo(moving.path("consistency_score"));
        assertThat(Files.list(folder).map(Path::getFileName).map(Path::toString))
                .containsExactlyInAnyOrder("groups.json", "moves.mp4", "frozen.mp4");
    }

    @Test
    void shouldGoOnWhereItEnded() throws IOException {
        assertThat(score()).isEqualTo(ExitCode.OK);
        var mapper = new ObjectMapper();
        JsonNode document = mapper.readTree(groups.toFile());
        var moving = (ObjectNode) document.path("groups").path(0).path("videos").path(0);
        moving.put("consistency_score", 7);
        mapper.writeValue(groups.toFile(), document);
        assertThat(score()).isEqualTo(ExitCode.OK);
        // What has a score is not measured again.
        assertThat(mapper.readTree(groups.toFile())).isEqualTo(document);
    }

    @Test
    void shouldScoreTheOthersWhereAVideoCannotBeRead() throws IOException {
        Files.writeString(folder.resolve("moves.mp4"), "no video");
        assertThat(score()).isNotEqualTo(ExitCode.OK);
        JsonNode videos = new ObjectMapper().readTree(groups.toFile()).at("/groups/0/videos");
        assertThat(videos.path(0).has("consistency_score")).isFalse();
        assertThat(videos.path(1).path("consistency_reason").asText()).isEqualTo("nothing moves");
    }

    @Test
    void shouldNotMixMetricsInADocument() throws IOException {
        String text =
                Files.readString(groups)
                        .replace(
                                "\"motion_norm\": 0.1",
                                "\"motion_norm\": 0.1, \"consistency_metric\": \"geometry_vggt\"");
        Files.writeString(groups, text);
        assertThat(score()).isNotEqualTo(ExitCode.OK);
        assertThat(groups).hasContent(text);
    }

    private int score() {
        return Main.commandLine()
                .execute(
                        "geometry",
                        "--groups",
                        groups.toString(),
                        "--model",
                        WEIGHTS,
                        "--device",
                        "cpu",
                        "--threads",
                        "1");
    }
}
