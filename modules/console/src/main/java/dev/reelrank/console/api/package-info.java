/** Video jobs over HTTP, in the format of OpenAI's video API. */
@NullMarked
package dev.reelrank.console.api;

import org.jspecify.annotations.NullMarked;
