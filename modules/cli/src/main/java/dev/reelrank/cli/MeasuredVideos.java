package dev.reelrank.cli;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures what frames alone say about videos in the store, each video once. */
final class MeasuredVideos {
    /** What it measures. */
    static final List<String> FIGURES =
            List.of(
                    ClipMetrics.WARPING_ERROR,
                    ClipMetrics.WARPING_ERROR_GRADIENT,
                    ClipMetrics.WARPING_ERROR_COMPENSATED,
                    ClipMetrics.FRAME_DIFFERENCE,
                    ClipMetrics.MOTION);

    private final ResultStore store;
    private final Map<String, Map<String, Double>> known = new HashMap<>();

    MeasuredVideos(ResultStore store) {
        this.store = store;
    }

    /**
     * The figures of a video, by name; none of one with fewer than two frames.
     *
     * @throws StageException UNREADABLE_VIDEO, INPUT_LOST or STORE_UNAVAILABLE
     */
    Map<String, Double> of(BlobRef video) {
        var before = known.get(video.sha256());
        if (before != null) {
            return before;
        }
        var figures = measured(video);
        known.put(video.sha256(), figures);
        return figures;
    }

    private Map<String, Double> measured(BlobRef video) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("reelrank-pairs");
            var frames = VideoReader.readAll(store.fetch(video, folder));
            return frames.size() < 2 ? Map.of() : ClipMetrics.of(frames);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot make a temporary folder: " + e.getMessage(),
                    e);
        } finally {
            TemporaryFolder.delete(folder);
        }
    }
}
