package dev.reelrank.evaluation.look;

import dev.reelrank.torch.SideThread;
import dev.reelrank.video.VideoInfo;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The frames that a look wants of one video after another. Those of the next one are read while the
 * models look at the one before, if they are small enough to be kept beside it.
 *
 * <p>Used from one thread.
 */
final class Reel implements AutoCloseable {
    /** 81 frames of 1280x720 are 224 MB. */
    static final long MOST_BYTES = 256L << 20;

    private final Function<VideoInfo, int[]> indices;
    private final long mostBytes;
    private final ExecutorService reader;
    private @Nullable Path waiting;
    private @Nullable Ahead ahead;

    /** What is read of which video; nothing if it is too large. */
    private record Ahead(Path video, Future<Film.Scene> scene) {}

    /**
     * @param indices of the frames that are wanted of a video, rising
     */
    Reel(Function<VideoInfo, int[]> indices) {
        this(indices, MOST_BYTES);
    }

    /**
     * @param mostBytes of frames that are kept for the next video
     */
    Reel(Function<VideoInfo, int[]> indices, long mostBytes) {
        this.indices = indices;
        this.mostBytes = mostBytes;
        reader =
                Executors.newSingleThreadExecutor(
                        task -> {
                            var thread = new Thread(task, "reel");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /** Says which video is asked for next but one: it is read as soon as the next has been. */
    void next(Path video) {
        waiting = video;
    }

    /**
     * The frames of a video.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO
     */
    Film.Scene of(Path video) {
        Film.Scene scene = null;
        Ahead read = ahead;
        ahead = null;
        if (read != null && read.video().equals(video)) {
            scene = SideThread.await(read.scene());
        }
        if (scene == null) {
            scene = Film.read(video, indices);
        }
        Path following = waiting;
        waiting = null;
        if (following != null) {
            ahead = new Ahead(following, reader.submit(() -> small(following)));
        }
        return scene;
    }

    private Film.@Nullable Scene small(Path video) {
        return Film.read(
                video,
                info ->
                        (long) indices.apply(info).length * info.width() * info.height() * 3
                                <= mostBytes,
                indices);
    }

    /** What is being read is read to its end, but not kept. */
    @Override
    public void close() {
        reader.shutdownNow();
    }
}
