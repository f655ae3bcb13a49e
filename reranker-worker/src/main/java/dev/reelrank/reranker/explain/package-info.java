/** A ranking as pictures: what people would rather look at than read. */
@NullMarked
package dev.reelrank.reranker.explain;

import org.jspecify.annotations.NullMarked;
