/** A checklist of yes/no questions by axis, with weights as data, and what the answers come to. */
@NullMarked
package dev.reelrank.grading.reward;

import org.jspecify.annotations.NullMarked;
