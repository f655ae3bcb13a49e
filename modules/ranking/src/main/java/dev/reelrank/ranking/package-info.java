/**
 * The arithmetic of ranking: the subject's phrase, rules for masks, identity, concentration,
 * consistency, the composite and the choice.
 *
 * <p>Pure functions of numbers and words. This package depends only on {@code pipeline}, not on
 * Kafka, Avro, an engine or files; everything that ranks may depend on it.
 */
@NullMarked
package dev.reelrank.ranking;

import org.jspecify.annotations.NullMarked;
