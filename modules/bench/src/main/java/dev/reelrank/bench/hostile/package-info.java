/**
 * A client that sends harmful input to a farm of real processes that also processes healthy
 * samples: records, files, URIs, HTTP requests and configuration files, generated from a seed.
 */
@NullMarked
package dev.reelrank.bench.hostile;

import org.jspecify.annotations.NullMarked;
