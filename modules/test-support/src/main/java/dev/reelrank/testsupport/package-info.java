/**
 * What the tests of several modules share. Only in test scope: nothing of the product depends on
 * it.
 */
@NullMarked
package dev.reelrank.testsupport;

import org.jspecify.annotations.NullMarked;
