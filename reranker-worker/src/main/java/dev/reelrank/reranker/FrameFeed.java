package dev.reelrank.reranker;

import dev.reelrank.perception.PixelValues;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The scored frames of one candidate, decoded and resized by a thread of its own while the models
 * look at earlier ones. Holds a few frames at a time.
 */
final class FrameFeed implements AutoCloseable {
    private static final int AHEAD = 6;

    /**
     * @param frame index in the video
     * @param image as decoded
     * @param full the whole frame as DINOv3's input
     * @param look the whole frame as SAM3's input, null if it is not segmented
     */
    record Frame(int frame, RgbImage image, PixelValues full, @Nullable PixelValues look) {}

    /** What the thread hands over: a frame, the end, or what stopped it. */
    private sealed interface Message {
        record Opened(VideoInfo info) implements Message {}

        record Next(Frame frame) implements Message {}

        record End() implements Message {}

        record Broken(Throwable cause) implements Message {}
    }

    private final Path video;
    private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(AHEAD);
    private final Thread thread;
    private volatile boolean closed;
    private boolean ended;

    private FrameFeed(
            Path video,
            int frames,
            int segmented,
            Function<RgbImage, PixelValues> full,
            Function<RgbImage, PixelValues> look) {
        this.video = video;
        this.thread = new Thread(() -> read(frames, segmented, full, look), "frames of " + video);
        thread.setDaemon(true);
    }

    /**
     * @param frames how many frames are wanted
     * @param segmented how many of them are segmented too, 0 for none
     * @param full makes DINOv3's input
     * @param look makes SAM3's input
     */
    static FrameFeed start(
            Path video,
            int frames,
            int segmented,
            Function<RgbImage, PixelValues> full,
            Function<RgbImage, PixelValues> look) {
        var feed = new FrameFeed(video, frames, segmented, full, look);
        feed.thread.start();
        return feed;
    }

    private void read(
            int frames,
            int segmented,
            Function<RgbImage, PixelValues> full,
            Function<RgbImage, PixelValues> look) {
        try (var reader = VideoReader.open(video)) {
            queue.put(new Message.Opened(reader.info()));
            var wanted = FrameSelection.evenly(reader.info().frames(), frames);
            var looked = segmented == 0 ? new int[0] : FrameSelection.among(wanted, segmented);
            for (int frame : wanted) {
                while (reader.position() < frame && !closed) {
                    reader.skip();
                }
                var image = reader.next();
                if (closed || image == null) {
                    return;
                }
                boolean isLooked = Arrays.binarySearch(looked, frame) >= 0;
                queue.put(
                        new Message.Next(
                                new Frame(
                                        frame,
                                        image,
                                        full.apply(image),
                                        isLooked ? look.apply(image) : null)));
            }
            queue.put(new Message.End());
        } catch (InterruptedException e) {
            // Only close() interrupts this thread ignored: flow does not wait for its frames any
            // more.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            handOver(e);
        }
    }

    private void handOver(Throwable cause) {
        try {
            queue.put(new Message.Broken(cause));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What the video holds; call it once, before {@link #next}.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO
     */
    VideoInfo info() {
        if (take() instanceof Message.Opened opened) {
            return opened.info();
        }
        throw new IllegalStateException("info() comes first, and once");
    }

    /**
     * The next wanted frame, null after the last.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO
     */
    @Nullable Frame next() {
        if (ended) {
            return null;
        }
        if (take() instanceof Message.Next next) {
            return next.frame();
        }
        ended = true;
        return null;
    }

    private Message take() {
        Message message;
        try {
            message = queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for frames of " + video, e);
        }
        if (message instanceof Message.Broken broken) {
            ended = true;
            if (broken.cause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) broken.cause();
        }
        return message;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
