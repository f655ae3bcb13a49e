package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardFramesTest {
    @ParameterizedTest
    @CsvSource({
        "81, 16, 0 9 18 27 36 44 53 62 71 80",
        "81, 24, 0 16 32 48 64 80",
        "81, 30, 0 16 32 48 64 80",
        "49, 8, 0 4 9 13 17 22 26 31 35 39 44 48",
        "121, 24, 0 13 27 40 53 67 80 93 107 120",
        "33, 16, 0 11 21 32",
        "17, 16, 0 5 11 16",
        "5, 16, 0 1 3 4",
        "53, 16, 0 10 21 31 42 52",
        "41, 16, 0 8 16 24 32 40",
        "162, 32, 0 18 36 54 72 89 107 125 143 161",
        "2, 16, 0 1",
        "3, 16, 0 2"
    })
    void shouldChooseTheFramesOfThePublishedCode(int total, double fps, String expected) {
        assertThat(RewardFrames.indices(total, fps))
                .containsExactly(
                        List.of(expected.split(" ")).stream()
                                .mapToInt(Integer::parseInt)
                                .toArray());
    }

    /** Qwen2-VL's patches of 14 pixels, merged by two, from 128 to 256 tokens of 28 by 28. */
    @ParameterizedTest
    @CsvSource({
        "1280, 720, 588, 336",
        "832, 480, 588, 336",
        "720, 1280, 336, 588",
        "480, 832, 336, 588",
        "720, 720, 448, 448",
        "960, 960, 448, 448",
        "96, 64, 392, 280",
        "544, 720, 364, 504",
        "240, 416, 252, 420",
        "3072, 5504, 308, 588"
    })
    void shouldGiveFramesThePublishedSize(int width, int height, int columns, int rows) {
        var vision = new QwenConfig.Vision(1, 8, 8, 2, 3, 14, 2, 2, 8, 1, 1e4, List.of());
        var grid = ImageGrid.fit(width, height, vision, 128 * 28 * 28, 256 * 28 * 28);
        assertThat(grid.columns() * 14).isEqualTo(columns);
        assertThat(grid.rows() * 14).isEqualTo(rows);
    }

    @Test
    void shouldRefuseATemplateThatIsNotTheirsByteForByte(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> RewardTemplate.read(folder, RewardTemplate.PUBLISHED))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("prompt_template.txt");
        Files.writeString(folder.resolve(RewardTemplate.FILE), "How good is {text_prompt}?");
        assertThatThrownBy(() -> RewardTemplate.read(folder, RewardTemplate.PUBLISHED))
                .hasMessageContaining("SHA-256")
                .hasMessageContaining(RewardTemplate.PUBLISHED);
    }
}
