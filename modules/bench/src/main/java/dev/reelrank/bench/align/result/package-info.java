/**
 * Preference training on the testbed, from pairs to held-out scenes, where the truth is known: the
 * results of {@code reelrank bench align --result}. Results that take long to compute are kept in a
 * work folder, so that an interrupted measurement can resume.
 */
@NullMarked
package dev.reelrank.bench.align.result;

import org.jspecify.annotations.NullMarked;
