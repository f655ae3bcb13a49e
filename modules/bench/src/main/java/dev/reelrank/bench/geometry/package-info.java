/** What the geometry scores see, and how long they take. */
@NullMarked
package dev.reelrank.bench.geometry;

import org.jspecify.annotations.NullMarked;
