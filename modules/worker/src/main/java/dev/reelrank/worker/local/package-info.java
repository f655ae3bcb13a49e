/**
 * What the commands share that run one stage on local files, with no broker. May be used by every
 * worker; depends on {@code worker.models}.
 */
@NullMarked
package dev.reelrank.worker.local;

import org.jspecify.annotations.NullMarked;
