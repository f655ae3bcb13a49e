/**
 * What the store may forget. Everything that a topic or a young result names stays; the rest is
 * removed once nobody has used it for some days. Runs leave by being deleted.
 */
@NullMarked
package dev.reelrank.client.retention;

import org.jspecify.annotations.NullMarked;
