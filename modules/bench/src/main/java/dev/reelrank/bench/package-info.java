/**
 * Benchmarks and fault injection: what measures the parts and breaks them on purpose. May use every
 * module; nothing but the command may use it.
 */
@NullMarked
package dev.reelrank.bench;

import org.jspecify.annotations.NullMarked;
