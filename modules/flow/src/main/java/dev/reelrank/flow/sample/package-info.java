/**
 * A sample and its stages: fan-out over seeds, the join, outcomes, retries, repairs. Pure; depends
 * on {@code pipeline} and {@link dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.sample;

import org.jspecify.annotations.NullMarked;
