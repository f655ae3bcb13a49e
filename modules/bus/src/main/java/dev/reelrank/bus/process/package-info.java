/**
 * What all processes of a farm share: logging, locks on files that only one process may hold,
 * health, and the last messages of a dead process. {@code bus.broker}, {@code flow}, {@code worker}
 * and the clients may use it; it depends on none of them.
 */
@NullMarked
package dev.reelrank.bus.process;

import org.jspecify.annotations.NullMarked;
