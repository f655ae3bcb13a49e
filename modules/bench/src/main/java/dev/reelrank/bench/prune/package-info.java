/** What it costs and what it saves to finish only the best candidates, on held-out scenes. */
@NullMarked
package dev.reelrank.bench.prune;

import org.jspecify.annotations.NullMarked;
