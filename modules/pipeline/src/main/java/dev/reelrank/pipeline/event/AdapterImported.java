package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A user asks flow to take an adapter from outside under a name; it becomes a new version.
 *
 * @param name of the adapter
 * @param family of the generator that it changes
 * @param baseFingerprint of the generator's files, empty if unknown
 * @param files by the network that each belongs to, in the format of diffusers
 * @param accepted whether it is to count as accepted; else it is a candidate
 * @param by who asks, for people
 */
public record AdapterImported(
        String name,
        String family,
        String baseFingerprint,
        Map<String, BlobRef> files,
        boolean accepted,
        String by,
        Instant at)
        implements Event {
    public AdapterImported {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }
}
