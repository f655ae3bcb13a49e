/**
 * The vocabulary and the contracts of Reelrank: samples, candidates, stages, requests, results,
 * ids, failures and the result store.
 *
 * <p>Everything may depend on this package; it depends on nothing but the JDK. It knows no Kafka,
 * no Avro and no engine.
 */
@NullMarked
package dev.reelrank.pipeline;

import org.jspecify.annotations.NullMarked;
