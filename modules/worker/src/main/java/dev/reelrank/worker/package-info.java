/**
 * What every worker process shares: model folders, the result stores, the device lease, the
 * acquire-run-emit loop, health and metrics.
 *
 * <p>Knows stages only through {@link dev.reelrank.pipeline.stage.Stage}; knows the bus, but no
 * engine and no model. Worker folders, bench and the command line may depend on it.
 */
@NullMarked
package dev.reelrank.worker;

import org.jspecify.annotations.NullMarked;
