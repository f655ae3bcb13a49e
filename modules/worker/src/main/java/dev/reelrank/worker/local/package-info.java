/**
 * Shared code of the commands that run one stage on local files, without a broker. May be used by
 * every worker; depends on {@code worker.models}.
 */
@NullMarked
package dev.reelrank.worker.local;

import org.jspecify.annotations.NullMarked;
