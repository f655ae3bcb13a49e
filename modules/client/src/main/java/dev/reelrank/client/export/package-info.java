/**
 * A finished run as one archive of small videos. It reads facts and the store, and writes files.
 */
@NullMarked
package dev.reelrank.client.export;

import org.jspecify.annotations.NullMarked;
