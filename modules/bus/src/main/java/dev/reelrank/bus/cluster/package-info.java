/**
 * Several brokers on this host, each a process of its own, that can be killed, stopped and cut off:
 * for tests and benchmarks of what a real cluster does. A farm in use has its own cluster, or the
 * one broker of package {@code broker}.
 */
@NullMarked
package dev.reelrank.bus.cluster;

import org.jspecify.annotations.NullMarked;
