/**
 * The prompt stage: Qwen3-VL, in this process or behind an endpoint, behind the stage contract; its
 * worker process; and the command that writes one prompt alone. Wires {@code qwen} and {@code
 * video} to {@code worker}; nothing else may depend on it but the command line and the benchmarks.
 */
@NullMarked
package dev.reelrank.prompt;

import org.jspecify.annotations.NullMarked;
