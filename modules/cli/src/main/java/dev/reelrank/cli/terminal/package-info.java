/** What people see while a command works: bars on a terminal, plain lines elsewhere. */
@NullMarked
package dev.reelrank.cli.terminal;

import org.jspecify.annotations.NullMarked;
