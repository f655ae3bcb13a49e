/**
 * What every process of a farm has in common: how it logs, how it holds a file that only one
 * process may hold, how it shows that it is well, what it says before it dies. {@code bus.broker},
 * {@code flow}, {@code worker} and the clients may use it; it depends on none of them.
 */
@NullMarked
package dev.reelrank.bus.process;

import org.jspecify.annotations.NullMarked;
