/** Renders facts as HTML. Every text goes through the builder's escaping. */
@NullMarked
package dev.reelrank.console.page;

import org.jspecify.annotations.NullMarked;
