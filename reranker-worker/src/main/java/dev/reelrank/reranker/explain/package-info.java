/** A ranking as pictures, made from its {@link dev.reelrank.reranker.report report}. */
@NullMarked
package dev.reelrank.reranker.explain;

import org.jspecify.annotations.NullMarked;
