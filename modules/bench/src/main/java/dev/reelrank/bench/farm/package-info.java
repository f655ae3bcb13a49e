/** A farm of real processes with waiting stages, and how well it uses its workers. */
@NullMarked
package dev.reelrank.bench.farm;

import org.jspecify.annotations.NullMarked;
