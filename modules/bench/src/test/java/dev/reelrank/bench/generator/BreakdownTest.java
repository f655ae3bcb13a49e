package dev.reelrank.bench.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.torch.GpuTrace.Kernel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BreakdownTest {
    @ParameterizedTest
    @CsvSource({
        "CONVOLUTION, sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc_tilesize128x128x64",
        "MATRIX, nvjet_tst_192x192_64x4_2x1_v_bz_coopA_bias_TNT",
        "ATTENTION, cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7",
        "NORM, picture_norm_latents_silu",
        "COPY, _ZN2at6native18elementwise_kernelILi128ELi4EZNS0_22gpu_kernel_impl_nocastIZZZNS0_23direct_copy_kernel_cudaE",
        "COPY, memcpy",
        "RESAMPLING, _ZN2at6native37upsample_nearest2d_nhwc_out_frameI",
        "ELEMENTWISE, _ZN2at6native29vectorized_elementwise_kernelILi8ENS0_15CUDAFunctor_addIN3c108BFloat16EEE",
        "OTHER, _Z9somethingv",
    })
    void shouldTellWhatAKernelDoesByItsName(WorkKind kind, String name) {
        assertThat(WorkKind.of(name)).isEqualTo(kind);
    }

    @Test
    void shouldAddUpKindsAndKernels() {
        var shown =
                new Breakdown(
                        "decode",
                        2,
                        List.of(
                                new Kernel("xmma_fprop_a", 3, 0.75),
                                new Kernel("xmma_fprop_b", 1, 0.25),
                                new Kernel("memcpy", 2, 0.5)));
        assertThat(shown.busy()).isEqualTo(1.5);
        assertThat(shown.kinds())
                .containsEntry(WorkKind.CONVOLUTION, 1.0)
                .containsEntry(WorkKind.COPY, 0.5);
        var written = new ObjectMapper().createArrayNode();
        shown.write(written);
        assertThat(written.at("/0/kernels").asLong()).isEqualTo(6);
        assertThat(written.at("/0/kinds/convolution").asDouble()).isEqualTo(1);
        assertThat(written.at("/0/longest/0/kernel").asText()).isEqualTo("xmma_fprop_a");
        assertThat(shown.text()).contains("the GPU busy for 1.500 s", "memcpy");
    }
}
