/**
 * The arithmetic of ranking: the subject's phrase, rules for masks, identity, concentration,
 * consistency, the composite and the choice.
 *
 * <p>Pure functions of numbers and words. This package knows the project's vocabulary and no Kafka,
 * no Avro, no engine, no file; everything that ranks may depend on it.
 */
@NullMarked
package dev.reelrank.ranking;

import org.jspecify.annotations.NullMarked;
