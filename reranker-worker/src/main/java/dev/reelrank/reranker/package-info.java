/**
 * The ranking stage: decodes the candidates, looks at them with SAM3 and DINOv3, and lets {@code
 * dev.reelrank.ranking} choose; and the command that does the same on local files.
 *
 * <p>Connects {@code perception}, {@code video} and {@code ranking} to the worker shell. The
 * command line and bench may depend on it.
 */
@NullMarked
package dev.reelrank.reranker;

import org.jspecify.annotations.NullMarked;
