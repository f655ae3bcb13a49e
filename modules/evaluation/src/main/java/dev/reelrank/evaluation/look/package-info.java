/**
 * The looks: each loads its models once for a chunk of videos, sees every video, and hands what it
 * saw to the metrics that rest on it.
 */
@NullMarked
package dev.reelrank.evaluation.look;

import org.jspecify.annotations.NullMarked;
