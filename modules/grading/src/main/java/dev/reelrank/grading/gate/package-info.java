/** The decision about a graded video: keep it, look at it, or reject it, and what decided. */
@NullMarked
package dev.reelrank.grading.gate;

import org.jspecify.annotations.NullMarked;
