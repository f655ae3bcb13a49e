package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One set of models and the metrics that rest on what they see. */
public interface Look {
    /** For logs and timings: {@code clip}. */
    String name();

    /** The metrics that it can measure. */
    List<? extends Metric<?>> metrics();

    /** Why none of its metrics can be measured: a missing model; null if they can. */
    @Nullable String missing();

    /** Device memory that its models and their work need, GiB. */
    double needGib();

    /**
     * Looks whether its models can be loaded, without loading them.
     *
     * @throws dev.reelrank.pipeline.StageException with a MODEL code if files are cut off or of
     *     another kind
     */
    void check();

    /** Loads its models; closing what comes back releases everything. */
    Loaded load(Wanted wanted, Device device, int cores);

    /** The models of a look. */
    interface Loaded extends AutoCloseable {
        /**
         * Measures a video: every wanted metric of the look, with a value or a reason.
         *
         * @throws dev.reelrank.pipeline.StageException for a video that cannot be read
         */
        Map<String, Measurement> look(Clip clip);

        /**
         * Says which video comes after the one that is looked at next, so that it can be read
         * meanwhile.
         */
        default void next(Clip clip) {}

        /** How many videos may be looked at side by side. */
        default int lanes() {
            return 1;
        }

        @Override
        void close();
    }
}
