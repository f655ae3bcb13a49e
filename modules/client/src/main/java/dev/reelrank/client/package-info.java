/**
 * What all clients of a farm share: a {@link dev.reelrank.client.Session} with farm, bus and store,
 * and code that reads the facts about runs. The command line, the benchmarks and the pages are
 * built on it; it depends on no terminal and no option parser.
 */
@NullMarked
package dev.reelrank.client;

import org.jspecify.annotations.NullMarked;
