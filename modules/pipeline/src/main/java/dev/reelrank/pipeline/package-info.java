/**
 * The vocabulary and the contracts of Reelrank: samples, candidates, stages, requests, results,
 * ids, failures and the result store.
 *
 * <p>Everything may depend on this package; it depends only on the JDK, not on Kafka, Avro or an
 * engine.
 */
@NullMarked
package dev.reelrank.pipeline;

import org.jspecify.annotations.NullMarked;
