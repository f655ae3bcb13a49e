/** Video jobs over HTTP in the form that OpenAI's video interface has. */
@NullMarked
package dev.reelrank.console.api;

import org.jspecify.annotations.NullMarked;
