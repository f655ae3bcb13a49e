/**
 * Preferences of users: selections come in, trainings of the preference model go out, one at a
 * time. Pure; knows {@code pipeline} and {@link dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.preference;

import org.jspecify.annotations.NullMarked;
