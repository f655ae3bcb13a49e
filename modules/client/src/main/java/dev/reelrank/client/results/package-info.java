/**
 * The results of a run as files, made from the facts and the store only, so that they are identical
 * every time.
 */
@NullMarked
package dev.reelrank.client.results;

import org.jspecify.annotations.NullMarked;
