/**
 * Training an adapter on preference pairs.
 *
 * <p>{@link dev.reelrank.alignment.train.PreferenceTrainer} takes a {@link
 * dev.reelrank.diffusion.train.TrainableModel}, {@link dev.reelrank.alignment.train.TrainingPairs}
 * and a {@link dev.reelrank.alignment.train.TrainingConfig}. It reports each step to a {@link
 * dev.reelrank.alignment.train.TrainingListener} and stores its state through {@link
 * dev.reelrank.alignment.train.Checkpoints}. Everything random follows from the seed and the number
 * of the step, so a training that goes on from a checkpoint ends with the bytes of one that was
 * never disturbed (on the CPU).
 *
 * <p>Knows libtorch and the training interface of {@code diffusion}, no family, no bus, no video.
 */
@NullMarked
package dev.reelrank.alignment.train;

import org.jspecify.annotations.NullMarked;
