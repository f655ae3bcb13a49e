/**
 * What every worker process shares: model folders, the result stores, the device lease, the
 * acquire-run-emit loop, health and metrics.
 *
 * <p>Uses stages only through {@link dev.reelrank.pipeline.stage.Stage}; depends on the bus, but on
 * no engine and no model. Worker folders, clients, bench and the command line may depend on it.
 */
@NullMarked
package dev.reelrank.worker;

import org.jspecify.annotations.NullMarked;
