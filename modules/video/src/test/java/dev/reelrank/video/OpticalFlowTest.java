package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class OpticalFlowTest {
    @Test
    void shouldFindTheShiftOfAMovingSquare() {
        var clip = Clips.square(128, 96, 2, 4);
        try (var flow = OpticalFlow.dis(OpticalFlow.Quality.MEDIUM)) {
            var field = flow.between(clip.get(0), clip.get(1));

            assertThat(field.u(20, 24)).isCloseTo(4f, within(0.6f));
            assertThat(field.v(20, 24)).isCloseTo(0f, within(0.6f));
            assertThat(field.u(110, 80)).isCloseTo(0f, within(0.3f));
        }
    }

    @Test
    void shouldGiveEqualFlowForEqualFrames() {
        var clip = Clips.square(160, 96, 2, 5);
        try (var one = OpticalFlow.dis(OpticalFlow.Quality.FAST);
                var two = OpticalFlow.dis(OpticalFlow.Quality.FAST)) {
            assertThat(one.between(clip.get(0), clip.get(1)).uv())
                    .isEqualTo(two.between(clip.get(0), clip.get(1)).uv());
        }
    }

    @Test
    void shouldLoadNoLibraryOfADesktopWhenFlowIsSearched() throws IOException {
        var maps = Path.of("/proc/self/maps");
        Assumptions.assumeTrue(Files.isReadable(maps));
        var clip = Clips.square(64, 64, 2, 1);
        try (var flow = OpticalFlow.dis(OpticalFlow.Quality.FAST)) {
            flow.between(clip.get(0), clip.get(1));
        }

        assertThat(Files.readAllLines(maps))
                .anyMatch(line -> line.contains("opencv_video"))
                .noneMatch(line -> line.contains("highgui") || line.contains("gtk"));
    }

    @Test
    void shouldRefuseFramesOfDifferentOrTinySize() {
        try (var flow = OpticalFlow.dis(OpticalFlow.Quality.FAST)) {
            var wide = Clips.square(128, 96, 1, 0).get(0);
            var narrow = Clips.square(64, 96, 1, 0).get(0);
            var tiny = Clips.square(8, 8, 1, 0).get(0);
            assertThatThrownBy(() -> flow.between(wide, narrow)).hasMessageContaining("one size");
            assertThatThrownBy(() -> flow.between(tiny, tiny)).hasMessageContaining("16 pixels");
        }
    }
}
