package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against videos whose RGB is known: see make_videos.py beside them. */
class VideoTagsTest {
    private static final int SQUARE = 16;

    @TempDir Path folder;

    private static final int[][] COLOURS = {
        {0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0},
        {0, 255, 255}, {224, 172, 140}, {90, 60, 40}, {30, 90, 200}, {120, 200, 60}, {128, 128, 128}
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264_bt601.mp4", "h264_bt470bg.mp4", "h264_bt709.mp4", "h264_bt709_full.mp4",
                "h264_bt601_full.mp4", "h264_bt709_444.mp4", "h264_fcc.mp4", "h264_smpte240m.mp4",
                "h264_bt2020.mp4", "h264_untagged.mp4", "vp9_bt709.webm", "vp9_bt709_full.webm",
                "vp9_bt601_full.mp4", "hevc_bt709.mp4", "hevc_bt709_full.mkv"
            })
    void shouldGiveTheColoursThatTheTagsMean(String name) throws URISyntaxException {
        var frames = VideoReader.readAll(video(name));

        assertThat(frames).hasSize(3);
        for (int t = 0; t < 3; t++) {
            assertBoard(frames.get(t), t, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hevc_pq.mp4", "hevc_hlg.mp4", "hevc_p3.mp4"})
    void shouldBringLightAndPrimariesToSrgb(String name) throws URISyntaxException {
        var frame = VideoReader.readAll(video(name)).get(0);

        for (int square = 0; square < COLOURS.length; square++) {
            for (int c = 0; c < 3; c++) {
                // In light: ten bits of PQ leave steps of up to two per cent, which dark channels
                // of a
                // saturated colour inherit from its bright ones.
                assertThat(light(frame.at(middle(square % 4), middle(square / 4), c)))
                        .as("square %d, channel %d", square, c)
                        .isCloseTo(light(COLOURS[square][c]), within(0.03));
            }
        }
    }

    @Test
    void shouldRefuseColoursThatItCannotTell() throws URISyntaxException {
        assertUnreadable(video("h264_ycgco.mp4"), "ycgco");
    }

    @ParameterizedTest
    @CsvSource({
        // Where the red square and the blue one of the upright motif are shown, in squares.
        "turn90.mp4, 48, 64, 2, 2, 1, 0",
        "turn180.mp4, 64, 48, 1, 2, 3, 1",
        "turn270.mp4, 48, 64, 0, 1, 1, 3",
        "mirrored.mp4, 64, 48, 1, 0, 3, 1",
        "h264_bt709.mp4, 64, 48, 2, 0, 0, 1",
    })
    void shouldShowFramesUpright(
            String name, int width, int height, int redX, int redY, int blueX, int blueY)
            throws URISyntaxException {
        var file = video(name);
        var info = VideoReader.probe(file);
        var frame = VideoReader.readAll(file).get(0);

        assertThat(info.width()).isEqualTo(width).isEqualTo(frame.width());
        assertThat(info.height()).isEqualTo(height).isEqualTo(frame.height());
        assertThat(colour(frame, redX, redY)).containsExactly(255, 0, 0);
        assertThat(colour(frame, blueX, blueY)).containsExactly(0, 0, 255);
    }

    @Test
    void shouldRefuseToTurnByOddAngles() throws URISyntaxException {
        assertUnreadable(video("slanted.mp4"), "turned by");
    }

    @ParameterizedTest
    @CsvSource({
        "twelve.mp4, 0, 12",
        "trimmed_start.mp4, 5, 7",
        "trimmed_end.mp4, 0, 8",
        "trimmed_both.mp4, 3, 6"
    })
    void shouldShowWhatTheEditListShows(String name, int first, int count)
            throws URISyntaxException {
        var file = video(name);

        var frames = VideoReader.readAll(file);

        assertThat(VideoReader.probe(file).frames()).isEqualTo(count);
        assertThat(frames).hasSize(count);
        for (int t = 0; t < count; t++) {
            assertThat(frames.get(t).at(8, 8, 1))
                    .isBetween(20 * (first + t) - 2, 20 * (first + t) + 2);
        }
    }

    @ParameterizedTest
    @CsvSource({"still.png, PNG", "still.jpg, JPEG", "still.webp, WebP", "still.gif, GIF"})
    void shouldNotTakeAPictureForAVideoOfOneFrame(String name, String kind)
            throws URISyntaxException {
        assertUnreadable(video(name), "it is an image (" + kind + "), not a video");
    }

    @Test
    void shouldReadAGifThatMoves() throws URISyntaxException {
        assertThat(VideoReader.readAll(video("moving.gif"))).hasSize(3);
    }

    @Test
    void shouldReadTinyVideos() throws URISyntaxException {
        assertThat(VideoReader.readAll(video("tiny.mp4")))
                .hasSize(6)
                .allMatch(f -> f.width() == 8 && f.height() == 8);
    }

    @Test
    void shouldSayThatAFileIsAGitLfsPointer() throws IOException {
        var pointer = folder.resolve("clip.mp4");
        Files.writeString(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        assertUnreadable(pointer, "git lfs pull");
    }

    @Test
    void shouldOpenNothingThatNamesOtherFiles() throws IOException {
        var list = folder.resolve("list.mp4");
        Files.writeString(list, "#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n");
        assertUnreadable(list, "list.mp4");
        Files.writeString(list, "ffconcat version 1.0\nfile /etc/hostname\n");
        assertUnreadable(list, "list.mp4");
    }

    private static double light(int sample) {
        double s = sample / 255.0;
        return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4);
    }

    private static int[] colour(RgbImage frame, int x, int y) {
        int[] found = new int[3];
        for (int c = 0; c < 3; c++) {
            // Away from rounding: the motif's channels are 0 or 255 here.
            found[c] =
                    frame.at(middle(x), middle(y), c) < 4 ? 0 : frame.at(middle(x), middle(y), c);
            found[c] = found[c] > 251 ? 255 : found[c];
        }
        return found;
    }

    private static void assertUnreadable(Path file, String said) {
        assertThatThrownBy(() -> VideoReader.readAll(file))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO))
                .hasMessageContaining(said);
    }

    private static void assertBoard(RgbImage frame, int t, int tolerance) {
        for (int square = 0; square < COLOURS.length; square++) {
            for (int c = 0; c < 3; c++) {
                int wanted = square == 0 ? 20 * t : COLOURS[square][c];
                assertThat(frame.at(middle(square % 4), middle(square / 4), c))
                        .as("frame %d, square %d, channel %d", t, square, c)
                        .isBetween(wanted - tolerance, wanted + tolerance);
            }
        }
    }

    private static int middle(int square) {
        return square * SQUARE + SQUARE / 2;
    }

    static Path video(String name) throws URISyntaxException {
        return Path.of(VideoTagsTest.class.getResource("/videos/" + name).toURI());
    }
}
