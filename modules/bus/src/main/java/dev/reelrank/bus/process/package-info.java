/**
 * What every process of a farm has in common: how it finds the cluster, how it logs, how it holds a
 * file that only one may have, how it shows that it is well. May be used by {@code flow}, {@code
 * worker} and {@code cli}; depends on the bus's {@link dev.reelrank.bus.Connection} and on nothing
 * of theirs.
 */
@NullMarked
package dev.reelrank.bus.process;

import org.jspecify.annotations.NullMarked;
