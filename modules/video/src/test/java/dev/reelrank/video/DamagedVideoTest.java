package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** FFmpeg conceals what is damaged and goes on; here it is a failure with a name. */
class DamagedVideoTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"moving_h264.mp4", "moving_hevc.mp4", "moving_av1.mp4"})
    void shouldNameAFrameWhoseBytesAreGone(String name) throws IOException, URISyntaxException {
        var bytes = Files.readAllBytes(VideoTagsTest.video(name));
        assertThat(VideoReader.readAll(VideoTagsTest.video(name))).hasSize(12);
        // The pictures of the middle, as a lost block of a disk leaves them.
        Arrays.fill(bytes, bytes.length * 5 / 10, bytes.length * 8 / 10, (byte) 0);

        assertDamaged(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "moving_h264.mp4",
                "moving_hevc.mp4",
                "moving_vp9.webm",
                "moving_av1.mp4",
                "vp9_bt709.webm",
                "hevc_bt709_full.mkv"
            })
    void shouldNameAFileThatIsCutShort(String name) throws IOException, URISyntaxException {
        var whole = Files.readAllBytes(VideoTagsTest.video(name));
        for (int part = 3; part <= 9; part++) {
            assertDamaged(Arrays.copyOf(whole, whole.length * part / 10));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // So many of 60 are noticed at least; VP9 and HEVC have nothing to notice noise by.
        "moving_h264.mp4, 20",
        "moving_av1.mp4, 40",
        "moving_hevc.mp4, 1",
        "moving_vp9.webm, 0"
    })
    void shouldEndInNothingElseWhateverNoiseDoes(String name, int least)
            throws IOException, URISyntaxException {
        var whole = Files.readAllBytes(VideoTagsTest.video(name));
        var random = new Random(5);
        int named = 0;
        for (int i = 0; i < 60; i++) {
            var bytes = whole.clone();
            int at = random.nextInt(whole.length - 16);
            for (int k = 0; k < 16; k++) {
                bytes[at + k] = (byte) random.nextInt(256);
            }
            var file = Files.write(folder.resolve("noise.bin"), bytes);
            try {
                VideoReader.readAll(file);
            } catch (StageException e) {
                assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
                named++;
            }
        }
        assertThat(named).isGreaterThanOrEqualTo(least);
    }

    private void assertDamaged(byte[] bytes) throws IOException {
        var file = Files.write(folder.resolve("damaged.bin"), bytes);
        assertThatThrownBy(() -> VideoReader.readAll(file))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO))
                .hasMessageContaining("damaged.bin");
    }
}
