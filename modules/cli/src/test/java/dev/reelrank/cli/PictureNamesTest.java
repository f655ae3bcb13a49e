package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PictureNamesTest {
    @Test
    void shouldNameAVideoByItsFileAndByItsPathWhereThatIsNotEnough() {
        List<Path> videos =
                List.of(
                        Path.of("runs/a/00.mp4"),
                        Path.of("/runs/b/00.mp4"),
                        Path.of("runs/a-00.mp4"),
                        Path.of("runs/b/../a-00.mp4"));
        var names = new PictureNames(videos);
        assertThat(videos.stream().map(names::of))
                .containsExactly(
                        "runs-a-00.mp4", "runs-b-00.mp4", "runs-a-00.mp4-2", "runs-a-00.mp4-3");
        assertThat(new PictureNames(List.of(Path.of("x/y.mp4"))).of(Path.of("x/y.mp4")))
                .isEqualTo("y.mp4");
    }
}
