package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ImageProcessorTest {
    private static final QwenConfig.Vision PUBLISHED =
            new QwenConfig.Vision(
                    27, 1152, 4304, 16, 3, 16, 2, 2, 4096, 2304, 10000, List.of(8, 16, 24));

    @TestFactory
    Stream<DynamicTest> shouldPreparePicturesAsTransformersDoes() {
        return StreamSupport.stream(Fixtures.expected().get("preprocessing").spliterator(), false)
                .map(c -> DynamicTest.dynamicTest(c.get("key").asText(), () -> compare(c)));
    }

    private static void compare(JsonNode c) {
        var limits =
                new QwenConfig.Images(
                        c.get("minPixels").asLong(),
                        c.get("maxPixels").asLong(),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.5, 0.5, 0.5));
        try (var processor = new ImageProcessor(PUBLISHED, limits, Long.MAX_VALUE);
                var scope = TensorScope.open()) {
            var picture = Fixtures.picture(c.get("width").asInt(), c.get("height").asInt(), 0);
            var grid = processor.grid(picture);
            assertThat(List.of(1, grid.rows(), grid.columns()))
                    .isEqualTo(
                            List.of(
                                    c.get("grid").get(0).asInt(),
                                    c.get("grid").get(1).asInt(),
                                    c.get("grid").get(2).asInt()));
            var values = Ops.floats(processor.patches(picture, TorchDevice.cpu()));
            assertThat(values).hasSize(c.get("count").asInt());
            var expected = Fixtures.tensor(c.get("key").asText());
            var step = c.get("step").asInt();
            for (var i = 0; i < expected.length; i++) {
                assertThat(values[i * step])
                        .as("value %d", i * step)
                        .isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    @Test
    void shouldRefuseAMereLine() {
        assertThatThrownBy(() -> ImageGrid.fit(20_000, 20, PUBLISHED, 65_536, 1 << 24))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_IMAGE))
                .hasMessageContaining("20000x20");
    }

    @Test
    void shouldReduceAHugePictureToItsLimit() {
        var grid = ImageGrid.fit(20_000, 20_000, PUBLISHED, 65_536, 1280 * 1280);
        assertThat(grid).isEqualTo(new ImageGrid(80, 80));
    }
}
