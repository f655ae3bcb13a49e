package dev.reelrank.bench.generator;

import dev.reelrank.torch.MemoryReport;

/**
 * What one part of making a video took.
 *
 * @param part load, text, step, decode or candidate
 * @param seconds of the part; of steps the median
 * @param memory of the device after it, with the part's own peak
 */
record Measured(String part, double seconds, MemoryReport memory) {}
