package dev.reelrank.geometry.vggt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the original code, on tiny random weights (make_vggt.py). */
final class VggtParityIT {
    private static final Path FOLDER = Path.of("src/test/resources/vggt");
    private static final double TOLERANCE = 1e-4;

    private static Vggt model;
    private static SafetensorsFile expected;

    @TempDir Path folder;

    @BeforeAll
    static void load() {
        model = Vggt.load(FOLDER.resolve("model"), Device.CPU);
        expected = SafetensorsFile.open(FOLDER.resolve("expected.safetensors"));
    }

    private static void copy(Path to) throws IOException {
        for (String name : new String[] {"model.safetensors", "config.json"}) {
            Files.copy(FOLDER.resolve("model").resolve(name), to.resolve(name));
        }
    }

    @AfterAll
    static void close() {
        expected.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide", "many"})
    void shouldSeeWhatTheOriginalSees(String name) {
        try (var scope = TensorScope.inference()) {
            Tensor images = expected.tensor(name + ".images");
            var tokens = model.tokens(images);
            assertClose(tokens.get(tokens.size() - 1), name + ".tokens");
            var found = model.look(images);
            assertClose(found.poses(), name + ".poses");
            assertClose(found.depth(), name + ".depth");
            assertClose(found.confidence(), name + ".confidence");
            assertClose(found.points(), name + ".points");
        }
    }

    private static void assertClose(Tensor actual, String name) {
        Tensor wanted = expected.tensor(name);
        assertThat(actual.shape()).as(name).isEqualTo(wanted.shape());
        assertThat(RelativeError.of(Ops.floats(actual), Ops.floats(wanted)))
                .as(name)
                .isLessThan(TOLERANCE);
    }

    @Test
    void shouldRefuseSizesThatDoNotFitTheTensors() throws IOException {
        copy(folder);
        Files.writeString(folder.resolve("config.json"), "{\"img_size\": 56, \"embed_dim\": 30}");
        assertThatThrownBy(() -> Vggt.load(folder, Device.CPU))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("config.json");
    }

    @Test
    void shouldSayWhereTheWeightsAreMissing() {
        assertThatThrownBy(() -> Vggt.load(folder.resolve("vggt"), Device.CPU))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("vggt");
    }
}
