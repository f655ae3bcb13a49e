/**
 * What every process of a farm has in common on its command line: how it finds the cluster, how it
 * logs. May be used by {@code flow}, {@code worker} and {@code cli}; depends on the bus's {@link
 * dev.reelrank.bus.Connection} and on nothing of theirs.
 */
@NullMarked
package dev.reelrank.bus.process;

import org.jspecify.annotations.NullMarked;
