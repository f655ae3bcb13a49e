/**
 * Preferences of users: selections lead to trainings of the preference model, one at a time. Pure;
 * depends on {@code pipeline} and {@link dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.preference;

import org.jspecify.annotations.NullMarked;
