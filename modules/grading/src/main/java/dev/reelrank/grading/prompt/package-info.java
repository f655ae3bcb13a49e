/** What a prompt states, as facts, and the yes/no questions that ask for them. */
@NullMarked
package dev.reelrank.grading.prompt;

import org.jspecify.annotations.NullMarked;
