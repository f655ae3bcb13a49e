/**
 * Preference pairs of videos: where they come from, the file that stores them, and the checks that
 * a training relies on.
 *
 * <p>A {@link dev.reelrank.alignment.pairs.PairSource} turns what is known about one sample ({@link
 * dev.reelrank.alignment.pairs.JudgedSample}) into pairs or into a reason why there is none. {@link
 * dev.reelrank.alignment.pairs.PairSelection} asks a source about every sample and counts the
 * reasons. {@link dev.reelrank.alignment.pairs.PairFile} reads and writes JSON Lines, {@link
 * dev.reelrank.alignment.pairs.GroupsFile} reads VideoGPA's groups. {@link
 * dev.reelrank.alignment.pairs.PairCheck} finds what would spoil a training before it starts.
 *
 * <p>Pure: depends on {@code pipeline} and on Jackson, but neither on Kafka nor on an engine.
 * Callers pass in frames or latents where they are needed.
 */
@NullMarked
package dev.reelrank.alignment.pairs;

import org.jspecify.annotations.NullMarked;
