/** What attention over a part of the keys costs, saves and changes. */
@NullMarked
package dev.reelrank.bench.sparse;

import org.jspecify.annotations.NullMarked;
