/**
 * The studio: a web server over the facts of a farm. It reads facts and the store, and writes
 * events as every other client does, so any number of studios may run at the same time.
 *
 * <p>{@link dev.reelrank.console.Studio} connects the parts: {@code facts} follows the topics and
 * keeps their content in memory, {@code page} renders it, {@code arena} handles the blind votes,
 * {@code api} is the HTTP interface for programs, {@code web} handles access, media and errors.
 */
@NullMarked
package dev.reelrank.console;

import org.jspecify.annotations.NullMarked;
