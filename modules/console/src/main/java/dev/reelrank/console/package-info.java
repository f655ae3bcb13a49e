/**
 * The studio: a web server over the facts of a farm. It reads facts and the store, and writes
 * events as every other client does, so any number of studios may run beside each other.
 *
 * <p>{@link dev.reelrank.console.Studio} wires the parts: {@code facts} follows the topics and
 * keeps what they say in memory, {@code page} renders it, {@code arena} holds the blind votes,
 * {@code api} is the HTTP interface for programs, {@code web} is access, media and errors.
 */
@NullMarked
package dev.reelrank.console;

import org.jspecify.annotations.NullMarked;
