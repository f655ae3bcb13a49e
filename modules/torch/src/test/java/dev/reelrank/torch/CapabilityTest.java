package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What GPUs that nobody has at hand are told. */
final class CapabilityTest {
    private static final Device GPU = Device.parse("cuda:1");

    @ParameterizedTest
    @CsvSource({
        "7, 5, false, false, false, sm_75", // T4
        "8, 0, true, false, false, sm_80", // A100
        "8, 6, true, false, false, sm_86", // RTX 3090
        "8, 9, true, true, false, sm_89", // L40S, RTX 4090
        "9, 0, true, true, true, sm_90a", // H100, H200
        "10, 0, true, true, true, sm_100", // B200
        "12, 0, true, true, true, sm_120" // RTX 5090
    })
    void shouldKnowWhatEachGenerationRuns(
            int major,
            int minor,
            boolean kernels,
            boolean products,
            boolean attention,
            String architecture) {
        var gpu = new Capability(major, minor);
        assertThat(gpu.ownKernels()).isEqualTo(kernels);
        assertThat(gpu.float8Products()).isEqualTo(products);
        assertThat(gpu.float8Attention()).isEqualTo(attention);
        assertThat(gpu.architecture()).isEqualTo(architecture);
        assertThat(gpu.hopper()).isEqualTo(major == 9);
    }

    @Test
    void shouldNameTheGpuAndWhatToUseInsteadOfFloat8() {
        refused(new Capability(8, 0)::requireFloat8Products, "cuda:1 has 8.0", "fp8-weights");
        refused(new Capability(8, 0)::requireFloat8Attention, "float8 products", "fp8-weights");
        refused(new Capability(8, 9)::requireFloat8Attention, "cuda:1 has 8.9", "--precision fp8,");
        assertThatCode(() -> new Capability(8, 9).requireFloat8Products(GPU))
                .doesNotThrowAnyException();
        assertThatCode(() -> new Capability(9, 0).requireFloat8Attention(GPU))
                .doesNotThrowAnyException();
    }

    private static void refused(Consumer<Device> asked, String... words) {
        assertThatThrownBy(() -> asked.accept(GPU))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContainingAll(words);
    }
}
