package dev.reelrank.flow;

import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;

/** What stands on the internal topic keyed by run. */
public sealed interface RunInput
        permits RunInput.Opened, RunInput.Closed, RunInput.Deleted, SampleNews {
    String runId();

    /** A run begins. */
    record Opened(RunOpened event) implements RunInput {
        @Override
        public String runId() {
            return event.runId();
        }
    }

    /** A user deletes the run. */
    record Deleted(RunDeleted event) implements RunInput {
        @Override
        public String runId() {
            return event.runId();
        }
    }

    /** A submission is complete. */
    record Closed(RunClosed event) implements RunInput {
        @Override
        public String runId() {
            return event.runId();
        }
    }
}
