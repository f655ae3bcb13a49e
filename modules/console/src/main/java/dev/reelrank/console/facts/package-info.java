/** What the topics say, kept up to date in memory. Knows no HTTP. */
@NullMarked
package dev.reelrank.console.facts;

import org.jspecify.annotations.NullMarked;
