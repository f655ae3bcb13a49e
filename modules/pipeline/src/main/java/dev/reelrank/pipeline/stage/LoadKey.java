package dev.reelrank.pipeline.stage;

import java.nio.file.Path;
import java.util.Map;

/**
 * Decides which weights are loaded, and how. Two requests may share a batch when their load keys
 * are equal; another key means a reload.
 *
 * <p>Each stage has a record of its own for this: folders, LoRAs and their strengths, offload. No
 * other code reads it; a stage receives only keys that its {@link Stage#loadKey} returned.
 */
public interface LoadKey {
    /** For example {@code fp32}, {@code bf16}, {@code fp8}; recorded in every result. */
    String precision();

    /**
     * Which of several models it loads, as a label of metrics; {@code all} where there is no
     * choice.
     */
    default String label() {
        return "all";
    }

    /**
     * Folders of the models where a configuration chooses them, by the names that users know; empty
     * where a stage always works with those of its {@link StageSpec}.
     */
    default Map<String, Path> chosen() {
        return Map.of();
    }

    /** For logs and messages: what is loaded, in one line that a person can read. */
    @Override
    String toString();
}
