/**
 * Decides what may be removed from the store. Everything that a topic or a recent result names is
 * kept; the rest is removed once nothing has used it for some days. Runs are kept until a user
 * deletes them.
 */
@NullMarked
package dev.reelrank.client.retention;

import org.jspecify.annotations.NullMarked;
