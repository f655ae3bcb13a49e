package dev.reelrank.bus;

import java.util.Map;

/**
 * What a topic has to be.
 *
 * @param name with the prefix
 * @param keyed its partitions are those of every other keyed topic, so that flow finds what belongs
 *     together on one task; else it has one partition
 * @param config the settings it must have
 */
public record TopicSpec(String name, boolean keyed, Map<String, String> config) {
    public TopicSpec {
        config = Map.copyOf(config);
    }
}
