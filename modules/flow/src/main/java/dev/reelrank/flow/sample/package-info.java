/**
 * A sample and its stages: fan-out over seeds, the join, outcomes, retries, repairs. Pure; knows
 * {@code pipeline} and {@link dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.sample;

import org.jspecify.annotations.NullMarked;
