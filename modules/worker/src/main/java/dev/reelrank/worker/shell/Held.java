package dev.reelrank.worker.shell;

import dev.reelrank.bus.Delivery;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.worker.compute.Prepared;

/**
 * A held record whose result must be computed.
 *
 * @param delivery to be accepted once the outcome is published
 */
record Held<Q extends StageRequest>(Delivery delivery, Prepared<Q> item) {
    /** From the third delivery on an item runs alone: the one before may have died of it. */
    private static final int SUSPICIOUS = 3;

    WorkRef work() {
        return item.work();
    }

    boolean suspicious() {
        return delivery.deliveryCount() >= SUSPICIOUS;
    }
}
