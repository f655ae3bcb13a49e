package dev.reelrank.bench.added;

import dev.reelrank.pipeline.config.StageConfig;

/**
 * How the prompt is echoed.
 *
 * @param times how often it is said, 1..9
 */
public record EchoConfig(int times) implements StageConfig {}
