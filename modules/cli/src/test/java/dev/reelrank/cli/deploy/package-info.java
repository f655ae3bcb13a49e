/** What {@code deploy/} holds must fit the code, the tools that read it, and each other. */
@NullMarked
package dev.reelrank.cli.deploy;

import org.jspecify.annotations.NullMarked;
