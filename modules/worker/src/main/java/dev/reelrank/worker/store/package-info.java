/** The result stores: a folder, or an S3-compatible bucket. Opened by {@link Stores#open}. */
@NullMarked
package dev.reelrank.worker.store;

import org.jspecify.annotations.NullMarked;
