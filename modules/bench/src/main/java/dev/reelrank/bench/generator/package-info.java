/** Measures each family of generators at its published size with random weights. */
@NullMarked
package dev.reelrank.bench.generator;

import org.jspecify.annotations.NullMarked;
