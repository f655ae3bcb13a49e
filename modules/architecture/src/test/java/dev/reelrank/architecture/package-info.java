/**
 * Tests over the whole tree: which modules may use which, cycles between packages, names of tests,
 * who moves files. They read the folders and the compiled classes of every module that the root pom
 * names, so the rules apply to a new module at once. Nothing may depend on this module.
 */
@NullMarked
package dev.reelrank.architecture;

import org.jspecify.annotations.NullMarked;
