/**
 * The store of results and blobs, addressed by content. The implementations are in the worker
 * module; other code sees only this interface.
 */
@NullMarked
package dev.reelrank.pipeline.store;

import org.jspecify.annotations.NullMarked;
