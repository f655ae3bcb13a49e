package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SideThreadTest {
    @Test
    void shouldWorkInOrderOnOneThread() {
        try (var side = new SideThread(TorchDevice.cpu(), "aside")) {
            var names = new CopyOnWriteArrayList<String>();
            Future<Integer> first = side.submit(() -> noted(names, 1));
            Future<Integer> second = side.submit(() -> noted(names, 2));
            assertThat(SideThread.await(second)).isEqualTo(2);
            assertThat(SideThread.await(first)).isEqualTo(1);
            assertThat(names).containsExactly("aside 1", "aside 2");
        }
    }

    private static int noted(List<String> names, int number) {
        names.add(Thread.currentThread().getName() + " " + number);
        return number;
    }

    @Test
    void whatItMakesShouldOutliveItAndNeedNoGradients() {
        var owned = new Parameters();
        try (owned;
                var side = new SideThread(TorchDevice.cpu(), "aside")) {
            Tensor made =
                    SideThread.await(
                            side.submit(
                                    () -> {
                                        try (var scope = TensorScope.open()) {
                                            assertThat(TensorScope.isRecording()).isFalse();
                                            return owned.own(
                                                    Ops.zeros(TorchDevice.cpu(), DType.FLOAT32, 3));
                                        }
                                    }));
            side.close();
            assertThat(made.numel()).isEqualTo(3);
            assertThat(made.requires_grad()).isFalse();
        }
    }

    @Test
    void shouldThrowWhatTheWorkThrewAndGoOn() {
        try (var side = new SideThread(TorchDevice.cpu(), "aside")) {
            Future<Integer> failed =
                    side.submit(
                            () -> {
                                throw new StageException(FailureCode.MODEL_MISSING, "no file");
                            });
            Future<Integer> broken =
                    side.submit(
                            () -> {
                                throw new UnsatisfiedLinkError("no library");
                            });
            assertThatThrownBy(() -> SideThread.await(failed))
                    .isInstanceOf(StageException.class)
                    .hasMessage("no file");
            assertThatThrownBy(() -> SideThread.await(broken))
                    .isInstanceOf(UnsatisfiedLinkError.class);
            assertThat(SideThread.await(side.submit(() -> 5))).isEqualTo(5);
        }
    }

    @Test
    void closingShouldWaitForWhatIsUnderWayAndBeginNothingMore() throws Exception {
        var begun = new CountDownLatch(1);
        var seen = new CopyOnWriteArrayList<String>();
        var side = new SideThread(TorchDevice.cpu(), "aside");
        side.submit(
                () -> {
                    begun.countDown();
                    // A load does not look at interrupts while it reads.
                    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    seen.add("first");
                    return 0;
                });
        Future<Integer> second = side.submit(() -> noted(seen, 2));
        begun.await();
        side.close();
        assertThat(seen).containsExactly("first");
        assertThat(second.isDone()).isFalse();
    }
}
