/** Child processes of a benchmark: started, watched, stopped, killed. */
@NullMarked
package dev.reelrank.bench.process;

import org.jspecify.annotations.NullMarked;
