package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread with a {@link SideStream} of its own: what it does goes on beside what the caller and
 * its GPU do. It works off what it is given in that order.
 *
 * <p>It is one thread for as long as it lives, because libtorch keeps cuDNN's plans and handles per
 * thread.
 */
public final class SideThread implements AutoCloseable {
    private final TorchDevice device;
    private final SideStream stream;
    private final ExecutorService thread;
    private final AtomicReference<@Nullable Thread> begun = new AtomicReference<>();

    /**
     * @param name of the thread
     */
    public SideThread(TorchDevice device, String name) {
        this.device = device;
        this.stream = new SideStream(device);
        this.thread =
                Executors.newSingleThreadExecutor(
                        task -> {
                            var named = new Thread(task, name);
                            named.setDaemon(true);
                            begun.set(named);
                            return named;
                        });
    }

    /**
     * Queues work. When it is done, so is what it queued on the GPU: others may use the results.
     *
     * @param work makes what outlives its own scopes
     */
    public <T> Future<T> submit(Supplier<T> work) {
        return thread.submit(
                () -> {
                    device.makeCurrent();
                    var result = new AtomicReference<T>();
                    stream.run(() -> result.set(work.get()));
                    return result.get();
                });
    }

    /**
     * Waits for a result.
     *
     * @throws StageException that the work threw, or INTERNAL_ERROR when interrupted
     * @throws RuntimeException that the work threw
     */
    public static <T> T await(Future<T> result) {
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "interrupted while waiting for a thread", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new StageException(FailureCode.INTERNAL_ERROR, String.valueOf(cause), cause);
        }
    }

    /**
     * Waits for what it is doing, and for the end of the thread: what libtorch keeps per thread is
     * freed then. What it has not begun is not done.
     */
    @Override
    public void close() {
        thread.shutdownNow();
        Thread ending = begun.get();
        boolean interrupted = false;
        // An executor says that it is terminated while its thread still has some steps to go.
        while (ending != null && ending.isAlive()) {
            try {
                ending.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        stream.close();
    }
}
