/**
 * The store of results and blobs, by content. Implementations live in the worker module; everything
 * else sees this interface.
 */
@NullMarked
package dev.reelrank.pipeline.store;

import org.jspecify.annotations.NullMarked;
