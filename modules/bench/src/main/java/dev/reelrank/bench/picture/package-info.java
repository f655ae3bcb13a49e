/**
 * Sizes and made-up pictures that benchmarks of several packages use; depends on the pipeline
 * alone.
 */
@NullMarked
package dev.reelrank.bench.picture;

import org.jspecify.annotations.NullMarked;
