/**
 * Tests over the whole tree: who may use whom, how packages hang together, how tests are named.
 * They read the folders and the compiled classes of every module the root pom names, so a new
 * module is governed from its first file. Nothing may depend on this module.
 */
@NullMarked
package dev.reelrank.architecture;

import org.jspecify.annotations.NullMarked;
