package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class TensorScopeTest {
    @Test
    void shouldFreeTemporariesAndHandTheResultOut() {
        Tensor result;
        Tensor[] temporary = new Tensor[1];
        try (var outer = TensorScope.open()) {
            result =
                    TensorScope.compute(
                            () -> {
                                temporary[0] = Noise.normal(0, 4);
                                return Ops.mul(temporary[0], 2);
                            });
            assertThat(temporary[0].isNull()).isTrue();
            assertThat(Ops.floats(result)).hasSize(4);
        }
        assertThat(result.isNull()).isTrue();
    }

    @Test
    void shouldLeaveTheResultToTheCallerWhenNoScopeIsOpen() {
        Tensor result = TensorScope.compute(() -> Noise.normal(0, 4));
        assertThat(result.isNull()).isFalse();
        result.close();
        assertThat(result.isNull()).isTrue();
    }

    @Test
    void shouldNotGrowOverThousandsOfTemporaries() {
        long before = 0;
        for (int i = 0; i < 400; i++) {
            if (i == 100) {
                before = MemoryReport.of(TorchDevice.cpu()).allocated();
            }
            TensorScope.run(() -> Ops.mul(Noise.normal(0, 256, 1024), 2));
        }
        long grown = MemoryReport.of(TorchDevice.cpu()).allocated() - before;
        // Each of the 300 rounds makes 2 MiB.
        assertThat(grown).isLessThan(60L << 20);
    }

    @Test
    void shouldKeepParametersUntilTheyClose() {
        var parameters = new Parameters();
        Tensor kept;
        try (var scope = TensorScope.open()) {
            kept = parameters.own(Noise.normal(0, 3));
        }
        assertThat(kept.isNull()).isFalse();
        assertThat(parameters.bytes()).isEqualTo(12);
        parameters.close();
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNoGpu() {
        org.junit.jupiter.api.Assumptions.assumeFalse(TorchRuntime.cudaAvailable());
        assertThatThrownBy(() -> TorchDevice.of(Device.parse("cuda:0")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("--device cpu");
    }

    @Test
    void shouldTakeThreadsFromTheEnvironmentOrElseEveryCore() {
        assertThat(TorchRuntime.wantedThreads(Map.of("OMP_NUM_THREADS", "3")::get)).isEqualTo(3);
        assertThat(
                        TorchRuntime.wantedThreads(
                                Map.of("OMP_NUM_THREADS", "3", "REELRANK_THREADS", "1")::get))
                .isEqualTo(1);
        assertThat(TorchRuntime.wantedThreads(name -> null))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
