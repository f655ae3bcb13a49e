package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes frames on a thread of its own while the GPU decodes the next ones. Few frames wait
 * between the two, so memory stays small.
 *
 * <pre>{@code
 * try (var writer = BackgroundWriter.start(file, width, height, settings)) {
 *     pipeline.generate(…, writer);
 *     VideoInfo info = writer.finish();
 * }
 * }</pre>
 */
public final class BackgroundWriter implements Consumer<RgbImage>, AutoCloseable {
    private static final int WAITING = 16;

    /** An empty picture ends the queue; frames are larger. */
    private static final RgbImage END = new RgbImage(1, 1, new byte[3]);

    private final ArrayBlockingQueue<RgbImage> queue = new ArrayBlockingQueue<>(WAITING);
    private final ExecutorService thread;
    private final Future<VideoInfo> result;

    private BackgroundWriter(Path file, int width, int height, VideoSettings settings) {
        thread =
                Executors.newSingleThreadExecutor(
                        task -> {
                            var named = new Thread(task, "video-writer");
                            named.setDaemon(true);
                            return named;
                        });
        result = thread.submit(() -> write(file, width, height, settings));
    }

    /** Begins a video; frames come through {@link #accept}. */
    public static BackgroundWriter start(Path file, int width, int height, VideoSettings settings) {
        return new BackgroundWriter(file, width, height, settings);
    }

    private VideoInfo write(Path file, int width, int height, VideoSettings settings)
            throws InterruptedException {
        try (var writer = VideoWriter.open(file, width, height, settings)) {
            for (var frame = queue.take(); !isEnd(frame); frame = queue.take()) {
                writer.write(frame);
            }
            return writer.finish();
        }
    }

    @SuppressWarnings("ReferenceEquality") // This one picture alone is the end.
    private static boolean isEnd(RgbImage frame) {
        return frame == END;
    }

    @Override
    public void accept(RgbImage frame) {
        put(frame);
    }

    /** Waits for room; a writer that has failed takes nothing more, {@link #finish} says why. */
    private void put(RgbImage frame) {
        try {
            while (!queue.offer(frame, 50, TimeUnit.MILLISECONDS)) {
                if (result.isDone()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "interrupted while encoding a video", e);
        }
    }

    /**
     * Ends the video and waits until it lies under its name.
     *
     * @throws StageException what went wrong since {@link #start}
     */
    public VideoInfo finish() {
        put(END);
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "interrupted while encoding a video", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof StageException failure) {
                throw failure;
            }
            throw new StageException(FailureCode.INTERNAL_ERROR, reason(cause), cause);
        }
    }

    private static String reason(@Nullable Throwable cause) {
        return cause instanceof LinkageError
                ? "FFmpeg's native libraries are missing or cannot be loaded (%s); put the ffmpeg and javacpp natives of this platform on the class path"
                        .formatted(cause)
                : "a video could not be encoded: " + cause;
    }

    /** Ends the thread; an unfinished video is removed by its writer. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
