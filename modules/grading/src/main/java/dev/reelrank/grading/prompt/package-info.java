/** The facts that a prompt states, and the yes/no questions about them. */
@NullMarked
package dev.reelrank.grading.prompt;

import org.jspecify.annotations.NullMarked;
