/**
 * The registry of generator families, which the generator worker and the trainer worker share.
 *
 * <p>Depends on {@code diffusion} and on every family, but not on Kafka or a worker. Only the
 * benchmarks use a family directly.
 */
@NullMarked
package dev.reelrank.generators;

import org.jspecify.annotations.NullMarked;
