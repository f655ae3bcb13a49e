/**
 * Submissions in JSON, for clients that know no Avro: read from a topic of their own, checked, and
 * written as the events that every other client sends. What is refused becomes a dead letter with
 * the reason.
 */
@NullMarked
package dev.reelrank.flow.json;

import org.jspecify.annotations.NullMarked;
