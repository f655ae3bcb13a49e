package dev.reelrank.pipeline;

import java.util.Map;

/**
 * A record that says itself what stands for it in an input key, so that its form can change and the
 * results that were stored before are still found.
 */
public interface KeyParts {
    /** By name, in the order in which they stand in the key. */
    Map<String, Object> keyParts();
}
