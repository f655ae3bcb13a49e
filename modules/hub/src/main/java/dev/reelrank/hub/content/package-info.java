/** Files of a repository, by the hashes that the hub publishes. */
@NullMarked
package dev.reelrank.hub.content;

import org.jspecify.annotations.NullMarked;
