package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A version of an adapter with its files.
 *
 * @param name as a user gave it
 * @param version counted from 1
 * @param files by the network that each belongs to, in the format of diffusers
 */
public record AdapterRef(String name, long version, Map<String, BlobRef> files) {
    public AdapterRef {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /** {@code smooth@3}. */
    public String id() {
        return name + "@" + version;
    }
}
