package dev.reelrank.evaluator;

import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which models the evaluation loads.
 *
 * @param folders by model; those that are missing are not in it
 */
record EvaluateKey(Map<String, Path> folders) implements LoadKey {
    EvaluateKey {
        folders = Map.copyOf(folders);
    }

    @Override
    public String precision() {
        return "fp32";
    }

    @Override
    public String toString() {
        return "the metrics' models " + new java.util.TreeMap<>(folders);
    }
}
