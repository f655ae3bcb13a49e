package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Threads that share out the work of a result. The testbed's networks are so small that one thread
 * cannot keep a GPU busy, so a device may have several; each thread has models of its own.
 *
 * @param devices at least one
 * @param perDevice threads per device, at least 1
 */
public record Workers(List<Device> devices, int perDevice) {
    public Workers {
        devices = List.copyOf(devices);
        if (devices.isEmpty() || perDevice < 1) {
            throw new IllegalArgumentException(
                    "workers need a device and a thread, got %s and %d"
                            .formatted(devices, perDevice));
        }
    }

    /** What a worker does with one piece of the work. */
    interface Work<M, T> {
        void with(M models, T item);
    }

    /** Threads in all. */
    int count() {
        return devices.size() * perDevice;
    }

    /** The device of each thread, in turn. */
    List<Device> places() {
        var places = new ArrayList<Device>();
        for (int i = 0; i < count(); i++) {
            places.add(devices.get(i % devices.size()));
        }
        return places;
    }

    /**
     * CPU threads that each worker computes with. On the CPU it is one: on some processors
     * libtorch's sums depend on the number of threads, and results are to be the same bytes with
     * any number of workers.
     */
    int threadsEach() {
        return devices.contains(Device.CPU)
                ? 1
                : Math.max(1, Runtime.getRuntime().availableProcessors() / count());
    }

    /**
     * Does the work. Workers take the items in their order, and stop at the first failure, which is
     * thrown.
     *
     * @param open a worker's models, on its device
     */
    <M extends AutoCloseable, T> void each(
            List<T> items, Function<Device, M> open, Work<M, T> work) {
        each(items, () -> false, open, work);
    }

    /**
     * Does the work until there is enough. What a worker has begun, it ends.
     *
     * @param enough asked before each item
     */
    <M extends AutoCloseable, T> void each(
            List<T> items, BooleanSupplier enough, Function<Device, M> open, Work<M, T> work) {
        if (items.isEmpty() || enough.getAsBoolean()) {
            return;
        }
        var next = new AtomicInteger();
        var failed = new AtomicBoolean();
        int threads = Math.min(count(), items.size());
        if (threads == 1) {
            TorchRuntime.withThreads(
                    threadsEach(),
                    () -> {
                        take(devices.get(0), items, next, failed, enough, open, work);
                        return true;
                    });
            return;
        }
        TorchRuntime.withThreads(
                threadsEach(),
                () -> {
                    var pool = Executors.newFixedThreadPool(threads);
                    try {
                        var running = new ArrayList<Future<?>>();
                        for (Device place : places().subList(0, threads)) {
                            running.add(
                                    pool.submit(
                                            () ->
                                                    take(
                                                            place, items, next, failed, enough,
                                                            open, work)));
                        }
                        running.forEach(Workers::await);
                        return running;
                    } finally {
                        pool.shutdown();
                    }
                });
    }

    private static <M extends AutoCloseable, T> void take(
            Device place,
            List<T> items,
            AtomicInteger next,
            AtomicBoolean failed,
            BooleanSupplier enough,
            Function<Device, M> open,
            Work<M, T> work) {
        TorchDevice.of(place).makeCurrent();
        try (var models = open.apply(place)) {
            while (!failed.get() && !enough.getAsBoolean()) {
                int mine = next.getAndIncrement();
                if (mine >= items.size()) {
                    return;
                }
                work.with(models, items.get(mine));
            }
        } catch (RuntimeException | Error e) {
            failed.set(true);
            throw e;
        } catch (Exception e) {
            failed.set(true);
            throw new IllegalStateException("cannot free a worker's models", e);
        }
    }

    private static void await(Future<?> worker) {
        try {
            worker.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while workers were at work", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
