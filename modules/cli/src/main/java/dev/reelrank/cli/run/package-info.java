/** Submitting samples and following a run until it is done. */
@NullMarked
package dev.reelrank.cli.run;

import org.jspecify.annotations.NullMarked;
