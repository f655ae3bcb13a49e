package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.torch.sparse.SparseAttentionKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compiler is given. The kernels themselves need a GPU. */
final class CudaKernelsTest {
    @ParameterizedTest
    @ValueSource(strings = {"attention.cu", "hopper.cu", "float8.cu", "linear.cu"})
    void shouldPutWhatAllSourcesShareBeforeASource(String name) {
        String[] parts = source(name).split("#line 1 \"" + name + "\"\n");
        assertThat(parts).hasSize(2);
        assertThat(parts[0]).startsWith("#line 1 \"machine.cu\"\n").doesNotContain("__global__");
        assertThat(parts[1]).contains("extern \"C\" __global__");
    }

    @Test
    void shouldRefuseASourceThatIsNotThere() {
        assertThatThrownBy(() -> source("nothing.cu")).hasMessageContaining("nothing.cu");
    }

    private static String source(String name) {
        return CudaKernels.source(SparseAttentionKernel.class, name);
    }
}
