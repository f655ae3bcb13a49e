/**
 * The align stage: trains adapters of a generator on preference pairs. Connects {@code alignment},
 * {@code generators} and {@code video} to {@code worker}, and depends on no particular family. Only
 * the command line may depend on it.
 */
@NullMarked
package dev.reelrank.trainer;

import org.jspecify.annotations.NullMarked;
