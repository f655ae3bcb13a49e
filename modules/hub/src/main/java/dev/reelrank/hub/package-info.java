/**
 * Published models onto disk: what a plan names is fetched from a hub, checked, and recorded in a
 * lock file.
 *
 * <p>{@link dev.reelrank.hub.Fetch} downloads, {@link dev.reelrank.hub.Verify} hashes again, {@link
 * dev.reelrank.hub.Status} says what is there. Nothing here loads a model.
 */
@NullMarked
package dev.reelrank.hub;

import org.jspecify.annotations.NullMarked;
