package dev.reelrank.evaluation.look;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames of one video after another, read ahead or not. */
final class ReelTest {
    private static final int SIDE = 64;

    @TempDir Path folder;

    /** The thread that a video's frames were last chosen on. */
    private final Map<Path, String> threads = new ConcurrentHashMap<>();

    private int[] chosen(VideoInfo info) {
        threads.put(info.file(), Thread.currentThread().getName());
        return new int[] {0, info.frames() - 1};
    }

    private Path video(String name, int level) {
        Path file = folder.resolve(name + ".mp4");
        var frames =
                IntStream.range(0, 5)
                        .mapToObj(
                                i -> {
                                    byte[] rgb = new byte[3 * SIDE * SIDE];
                                    Arrays.fill(rgb, (byte) (level + 10 * i));
                                    return new RgbImage(SIDE, SIDE, rgb);
                                })
                        .toList();
        VideoWriter.write(file, frames, VideoSettings.h264(8));
        return file;
    }

    private static void assertShows(Film.Scene scene, int level) {
        assertThat(scene.info().frames()).isEqualTo(5);
        assertThat(scene.frames()).hasSize(2);
        assertThat(scene.frame(0).at(SIDE / 2, SIDE / 2, 0)).isBetween(level - 4, level + 4);
        assertThat(scene.frame(4).at(SIDE / 2, SIDE / 2, 0)).isBetween(level + 36, level + 44);
    }

    @Test
    void shouldReadTheNextVideoOnAThreadOfItsOwn() {
        Path dark = video("dark", 40);
        Path light = video("light", 150);
        try (var reel = new Reel(this::chosen)) {
            reel.next(light);
            assertShows(reel.of(dark), 40);
            assertShows(reel.of(light), 150);
        }
        assertThat(threads.get(dark)).isEqualTo(Thread.currentThread().getName());
        assertThat(threads.get(light)).isEqualTo("reel");
    }

    @Test
    void shouldNotKeepAVideoThatIsTooLarge() {
        Path dark = video("dark", 40);
        Path light = video("light", 150);
        try (var reel = new Reel(this::chosen, 2L * 3 * SIDE * SIDE - 1)) {
            reel.next(light);
            assertShows(reel.of(dark), 40);
            assertShows(reel.of(light), 150);
        }
        assertThat(threads.get(light)).isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void shouldGiveTheVideoThatIsAskedForThoughAnotherWasRead() {
        Path dark = video("dark", 40);
        Path light = video("light", 150);
        try (var reel = new Reel(this::chosen)) {
            reel.next(light);
            assertShows(reel.of(dark), 40);
            assertShows(reel.of(dark), 40);
        }
    }

    @Test
    void shouldFailForAVideoThatCannotBeReadWhenItIsAskedFor() {
        Path dark = video("dark", 40);
        Path none = folder.resolve("none.mp4");
        try (var reel = new Reel(this::chosen)) {
            reel.next(none);
            assertShows(reel.of(dark), 40);
            assertThatThrownBy(() -> reel.of(none))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("none.mp4");
            assertShows(reel.of(dark), 40);
        }
    }

    @Test
    void shouldNameAFrameThatWasNotRead() {
        var scene =
                new Film.Scene(
                        Film.read(video("dark", 40), this::chosen).info(), new int[0], List.of());
        assertThatThrownBy(() -> scene.frame(2)).hasMessageContaining("frame 2");
    }
}
