package dev.reelrank.flow.topology;

import dev.reelrank.flow.RunInput;
import dev.reelrank.pipeline.event.Event;

/** What a processor hands on. */
sealed interface Outgoing {
    /** An event for the topic that readers know. */
    record ToTopic(String topic, Event event) implements Outgoing {}

    /** Something for the run, over the internal topic keyed by run. */
    record ToRun(RunInput input) implements Outgoing {}
}
