/**
 * Compares every part of every model with what the original libraries computed: fixtures that
 * {@code modules/bench/conformance/make.py} wrote from any folder of weights. Uses the models; no
 * product code uses it.
 */
@NullMarked
package dev.reelrank.bench.conformance;

import org.jspecify.annotations.NullMarked;
