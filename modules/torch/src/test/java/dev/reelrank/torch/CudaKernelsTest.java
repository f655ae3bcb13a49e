package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.torch.sparse.SparseAttentionKernel;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compiler is given. The kernels themselves need a GPU. */
final class CudaKernelsTest {
    private static final Pattern FUNCTION =
            Pattern.compile("^__device__ __forceinline__ .*?(\\w+)\\(.*$", Pattern.MULTILINE);

    @ParameterizedTest
    @ValueSource(strings = {"attention.cu", "hopper.cu", "float8.cu", "linear.cu"})
    void shouldPutWhatAllSourcesShareBeforeASource(String name) {
        String[] parts = source(name).split("#line 1 \"" + name + "\"\n");
        assertThat(parts).hasSize(2);
        assertThat(parts[0]).startsWith("#line 1 \"machine.cu\"\n").doesNotContain("__global__");
        assertThat(parts[1]).contains("extern \"C\" __global__");
        var shared = FUNCTION.matcher(parts[0]).results().map(CudaKernelsTest::line).toList();
        assertThat(shared).isNotEmpty();
        assertThat(FUNCTION.matcher(parts[1]).results().map(CudaKernelsTest::line))
                .as("what %s says again", name)
                .doesNotContainAnyElementsOf(shared);
    }

    @Test
    void shouldRefuseASourceThatIsNotThere() {
        assertThatThrownBy(() -> source("nothing.cu")).hasMessageContaining("nothing.cu");
    }

    private static String line(MatchResult function) {
        return function.group();
    }

    private static String source(String name) {
        return CudaKernels.source(SparseAttentionKernel.class, name);
    }
}
