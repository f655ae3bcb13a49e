/**
 * The registry of generator families, which generator and trainer share.
 *
 * <p>The only place that names families. Depends on {@code diffusion} and on every family; knows no
 * Kafka and no worker.
 */
@NullMarked
package dev.reelrank.generators;

import org.jspecify.annotations.NullMarked;
