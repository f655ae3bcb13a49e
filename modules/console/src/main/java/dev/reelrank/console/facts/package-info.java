/** The content of the topics, kept up to date in memory. Independent of HTTP. */
@NullMarked
package dev.reelrank.console.facts;

import org.jspecify.annotations.NullMarked;
