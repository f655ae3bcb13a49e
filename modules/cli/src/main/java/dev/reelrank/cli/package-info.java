/**
 * The reelrank command: thin commands over services. Data goes to standard output, progress and
 * errors to standard error; exit codes are those of {@link dev.reelrank.pipeline.ExitCode}.
 */
@NullMarked
package dev.reelrank.cli;

import org.jspecify.annotations.NullMarked;
