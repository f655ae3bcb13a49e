/**
 * The HTTP protocol of a hub: revisions, listings, files by ranges, redirects to a storage host,
 * refusals, and when to try again. Knows nothing of folders.
 */
@NullMarked
package dev.reelrank.hub.remote;

import org.jspecify.annotations.NullMarked;
