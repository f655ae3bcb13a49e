package dev.reelrank.hub;

import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tasks on a few threads. The first failure ends the others; what they have is kept. */
final class Parallel implements AutoCloseable {
    private static final int END_SECONDS = 30;

    private final ExecutorService threads;
    private final ExecutorCompletionService<Boolean> service;
    private final List<Future<Boolean>> tasks = new ArrayList<>();

    Parallel(int count) {
        threads =
                Executors.newFixedThreadPool(
                        count,
                        task -> {
                            var thread = new Thread(task, "fetch");
                            thread.setDaemon(true);
                            return thread;
                        });
        service = new ExecutorCompletionService<>(threads);
    }

    /** Something to do. */
    interface Task {
        void run() throws IOException, InterruptedException;
    }

    void start(Task task) {
        tasks.add(
                service.submit(
                        () -> {
                            task.run();
                            return true;
                        }));
    }

    /** Waits for all; throws the first failure as it comes. */
    void await() throws InterruptedException {
        for (int i = 0; i < tasks.size(); i++) {
            try {
                service.take().get();
            } catch (ExecutionException e) {
                throw unchecked(e.getCause());
            }
        }
    }

    private static RuntimeException unchecked(@Nullable Throwable cause)
            throws InterruptedException {
        if (cause instanceof StageException known) {
            // With the stack of this thread as well.
            return new StageException(known.code(), String.valueOf(known.getMessage()), known);
        }
        if (cause instanceof IOException failure) {
            return new UncheckedIOException(failure);
        }
        if (cause instanceof InterruptedException) {
            throw new InterruptedException();
        }
        return cause instanceof RuntimeException failure
                ? failure
                : new IllegalStateException(cause);
    }

    /** Ends what still runs, and waits until it no longer writes. */
    @Override
    public void close() throws InterruptedException {
        threads.shutdownNow();
        threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
    }
}
