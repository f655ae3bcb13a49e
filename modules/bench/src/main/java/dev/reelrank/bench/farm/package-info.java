/** Measures how well a farm of real processes with waiting stages uses its workers. */
@NullMarked
package dev.reelrank.bench.farm;

import org.jspecify.annotations.NullMarked;
