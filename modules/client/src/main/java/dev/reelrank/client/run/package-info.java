/** Submitting samples and following a run until it is done. */
@NullMarked
package dev.reelrank.client.run;

import org.jspecify.annotations.NullMarked;
