package dev.reelrank.bus;

import dev.reelrank.pipeline.event.Event;
import java.time.Instant;

/**
 * An event as it stands on a topic.
 *
 * @param partition from 0
 * @param offset from 0; rises within a partition
 * @param timestamp when it was written (on work topics: appended)
 */
public record StoredEvent(
        String topic, int partition, long offset, Instant timestamp, String key, Event event) {}
