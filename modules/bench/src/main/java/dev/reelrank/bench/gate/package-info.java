/** How well the quality gate tells good clips from defective ones. */
@NullMarked
package dev.reelrank.bench.gate;

import org.jspecify.annotations.NullMarked;
