/** A checklist of weighted yes/no questions per axis, and the score of its answers. */
@NullMarked
package dev.reelrank.grading.reward;

import org.jspecify.annotations.NullMarked;
