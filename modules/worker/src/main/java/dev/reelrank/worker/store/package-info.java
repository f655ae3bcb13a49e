/** The result stores: a folder, or a bucket that speaks S3. Opened by {@link Stores#open}. */
@NullMarked
package dev.reelrank.worker.store;

import org.jspecify.annotations.NullMarked;
