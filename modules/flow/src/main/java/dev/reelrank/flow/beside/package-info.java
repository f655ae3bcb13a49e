/**
 * Work beside the samples: it is asked for on its own, done, retried and ended like any other, and
 * keyed by whatever it is about. Pure; knows {@code pipeline} and {@link dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.beside;

import org.jspecify.annotations.NullMarked;
