/**
 * Tests over the whole tree: which modules may use which, cycles between packages, names of tests.
 * They read the folders and the compiled classes of every module the root pom names, so a new
 * module is governed from its first file. Nothing may depend on this module.
 */
@NullMarked
package dev.reelrank.architecture;

import org.jspecify.annotations.NullMarked;
