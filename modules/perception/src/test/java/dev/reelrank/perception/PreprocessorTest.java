package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessorTest {
    @ParameterizedTest
    @CsvSource({
        "dinov3, square", "dinov3, model", "dinov3, wide", "dinov3, tall", "dinov3, small",
        "clip, square", "clip, model", "clip, wide", "clip, tall", "clip, small",
        "sam3, square", "sam3, model", "sam3, wide", "sam3, tall", "sam3, small"
    })
    void shouldAgreeWithTheProcessorWithinOneGreyLevel(String model, String picture)
            throws IOException {
        var folder = OnnxFolder.open(Fixtures.path(model), model);
        var preprocessor = new Preprocessor(folder);

        var values = preprocessor.pixelValues(Fixtures.picture(picture));

        var expected = Fixtures.floats(Fixtures.expected(model).get("preprocessing").get(picture));
        int plane = preprocessor.width() * preprocessor.height();
        assertThat(expected.length).isEqualTo((3 * plane + 36) / 37);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            float std = folder.manifest().preprocessing().std()[i * 37 / plane];
            worst = Math.max(worst, Math.abs(values[i * 37] - expected[i]) * std);
        }
        assertThat(worst).isLessThanOrEqualTo(1 / 255.0 + 1e-6);
        // Floating-point resizing has no rounding to hide behind.
        if (model.equals("dinov3")) {
            assertThat(worst).isLessThan(1e-5);
        }
    }
}
