/** Progress output of commands: bars on a terminal, plain lines elsewhere. */
@NullMarked
package dev.reelrank.cli.terminal;

import org.jspecify.annotations.NullMarked;
