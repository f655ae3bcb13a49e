package dev.reelrank.dqa;

import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.MemoryReport;

/** A part of grading with its own models. Phases run one after another and never share memory. */
interface GradingPhase {
    /** For logs and reports. */
    String name();

    /** Device memory that its models and their work need, GiB. */
    double needGib();

    /**
     * Looks whether its models can be loaded, without loading them.
     *
     * @throws dev.reelrank.pipeline.StageException with a MODEL code if files are missing, cut off
     *     or of another kind
     */
    void check();

    /** Loads its models; closing what comes back releases everything. */
    Loaded load(Device device, int cores);

    /** The models of a phase. */
    interface Loaded extends AutoCloseable {
        /** Looks at a video: what is found about it then, by this phase and those before. */
        Found look(Item item);

        /** How many items may be looked at side by side; models on one device take turns. */
        default int lanes() {
            return 1;
        }

        /** What it holds of the device, and the most since loading. */
        MemoryReport memory();

        @Override
        void close();
    }
}
