/** What the tests of several modules share. Only in test scope: no product code depends on it. */
@NullMarked
package dev.reelrank.testsupport;

import org.jspecify.annotations.NullMarked;
