/**
 * Training an adapter on preference pairs.
 *
 * <p>{@link dev.reelrank.alignment.train.PreferenceTrainer} takes a {@link
 * dev.reelrank.diffusion.train.TrainableModel}, {@link dev.reelrank.alignment.train.TrainingPairs}
 * and a {@link dev.reelrank.alignment.train.TrainingConfig}. It reports each step to a {@link
 * dev.reelrank.alignment.train.TrainingListener} and stores its state through {@link
 * dev.reelrank.alignment.train.Checkpoints}. All randomness follows from the seed and the step
 * number, so on the CPU a training that resumes from a checkpoint ends with the same bytes as one
 * that was never interrupted.
 *
 * <p>Depends on libtorch and the training interface of {@code diffusion}, but on no family, no bus
 * and no video.
 */
@NullMarked
package dev.reelrank.alignment.train;

import org.jspecify.annotations.NullMarked;
