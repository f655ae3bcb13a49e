/**
 * A client that sends whatever may hurt: records, files, URIs, HTTP requests and configuration
 * files, generated from a seed, against a farm of real processes beside healthy samples.
 */
@NullMarked
package dev.reelrank.bench.hostile;

import org.jspecify.annotations.NullMarked;
