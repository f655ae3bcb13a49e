package dev.reelrank.worker.shell;

import dev.reelrank.bus.QueueView;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks how many workers share a queue. */
final class QueueMembers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueMembers.class);

    private final QueueView view;
    private final StageName stage;

    QueueMembers(QueueView view, StageName stage) {
        this.view = view;
        this.stage = stage;
    }

    /** How many workers serve the queue, this one among them; empty if the broker does not say. */
    OptionalInt members() {
        try {
            return OptionalInt.of(view.members(stage));
        } catch (StageException e) {
            LOG.debug("the queue's members cannot be told: {}", e.toString());
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        view.close();
    }
}
