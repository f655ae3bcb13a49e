/**
 * The prompt stage: Qwen3-VL, in this process or at a remote endpoint; the worker process of the
 * stage; and the command that runs this stage alone. Connects {@code qwen} and {@code video} to
 * {@code worker}. Only the command line and the benchmarks may depend on it.
 */
@NullMarked
package dev.reelrank.prompt;

import org.jspecify.annotations.NullMarked;
