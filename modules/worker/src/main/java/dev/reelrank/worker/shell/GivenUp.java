package dev.reelrank.worker.shell;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.WorkRef;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an item on the queue is already a dead letter. Flow declares an item dead that crashes
 * its workers, but a crashed worker cannot settle its record: a redelivery would only crash another
 * worker. So the worker looks up an item that was delivered this often before it runs it.
 */
final class GivenUp {
    private static final Logger LOG = LoggerFactory.getLogger(GivenUp.class);

    /** One more than flow's limit of deaths. */
    private static final int DELIVERIES = 6;

    /** Flow needs a moment to judge the start that came last. */
    private static final long MOMENT_MILLIS = 1000;

    private final Connection connection;
    private final StageName stage;

    GivenUp(Connection connection, StageName stage) {
        this.connection = connection;
        this.stage = stage;
    }

    boolean test(Delivery delivery, WorkRef work) throws InterruptedException {
        if (delivery.deliveryCount() < DELIVERIES) {
            return false;
        }
        Thread.sleep(MOMENT_MILLIS);
        var found = new AtomicBoolean();
        try (var reader =
                new EventReader(
                        connection,
                        new EventCodec(connection.stages()),
                        List.of(connection.topics().dead(stage)))) {
            reader.onlyKeys(key -> key.equals(connection.topics().key(work)))
                    .readToEnd(
                            stored -> {
                                if (stored.event() instanceof DeadLetter letter
                                        && work.equals(letter.work())) {
                                    found.set(true);
                                }
                            });
        } catch (StageException e) {
            LOG.warn("cannot check for a dead letter of {}: {}", work, e.getMessage());
        }
        return found.get();
    }
}
