package dev.reelrank.worker.shell;

import dev.reelrank.bus.QueueView;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks how many workers share a queue: on request, and every few seconds to know whether the
 * cluster answers.
 */
final class QueueMembers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueMembers.class);
    private static final long EVERY_SECONDS = 5;

    /** Records a member: from so many on a queue becomes long, and below so few it ends to be. */
    private static final long MOST = 5;

    private static final long LEAST = 3;

    private final QueueView view;
    private final StageName stage;
    private final boolean watched;
    private volatile boolean isLong;
    private volatile long answeredAt = System.nanoTime();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "queue-members");
                        thread.setDaemon(true);
                        return thread;
                    });

    /**
     * @param watched whether somebody asks {@link #isLong}
     */
    QueueMembers(QueueView view, StageName stage, boolean watched) {
        this.view = view;
        this.stage = stage;
        this.watched = watched;
        var unused = timer.scheduleWithFixedDelay(this::look, 1, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        var members = members();
        if (!watched || members.isEmpty()) {
            return;
        }
        try {
            isLong = isLong(isLong, view.owed(stage).lag(), members.getAsInt());
        } catch (StageException e) {
            LOG.debug("the queue's length cannot be told: {}", e.toString());
        }
    }

    /**
     * Whether so much is left that nobody waits for what another one holds. Once it is long it
     * stays so for a while: a worker that takes another number of records joins its group anew.
     */
    static boolean isLong(boolean before, long owed, int members) {
        return owed >= (before ? LEAST : MOST) * Math.max(1, members);
    }

    /** As it was a few seconds ago. */
    boolean isLong() {
        return isLong;
    }

    /** How long the cluster has not answered. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - answeredAt);
    }

    /** How many workers serve the queue, this one among them; empty if the broker does not say. */
    OptionalInt members() {
        try {
            int members = view.members(stage);
            answeredAt = System.nanoTime();
            return OptionalInt.of(members);
        } catch (StageException e) {
            LOG.debug("the queue's members cannot be told: {}", e.toString());
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        view.close();
    }
}
