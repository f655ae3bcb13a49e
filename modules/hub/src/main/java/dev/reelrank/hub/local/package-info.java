/**
 * The models folder: the lock file, plain folders and hub caches, partial files, and locks between
 * processes. Knows nothing of HTTP.
 */
@NullMarked
package dev.reelrank.hub.local;

import org.jspecify.annotations.NullMarked;
