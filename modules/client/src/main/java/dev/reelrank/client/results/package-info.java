/**
 * The results of a run as files, made from facts and store alone: identical however often they are
 * made.
 */
@NullMarked
package dev.reelrank.client.results;

import org.jspecify.annotations.NullMarked;
