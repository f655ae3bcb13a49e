package dev.reelrank.console.facts;

import dev.reelrank.bus.QueueView;
import dev.reelrank.client.Session;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the work queues owe, asked every few seconds in a thread of its own. */
public final class Queues implements AutoCloseable {
    private static final long EVERY_SECONDS = 5;

    private final Session session;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "queues");
                        thread.setDaemon(true);
                        return thread;
                    });
    private @Nullable QueueView view;
    private volatile State state = new State(List.of(), "the queues have not been asked yet");

    /**
     * One queue.
     *
     * @param workers that take from it now
     * @param owed records that are not settled, those in work among them
     * @param since when the oldest of them was appended, null if nothing is owed
     */
    public record Queue(String stage, int workers, long owed, @Nullable Instant since) {}

    /**
     * All queues.
     *
     * @param trouble why they are not known, null if they are
     */
    public record State(List<Queue> queues, @Nullable String trouble) {
        public State {
            queues = List.copyOf(queues);
        }
    }

    private Queues(Session session) {
        this.session = session;
    }

    /** Starts asking. */
    @SuppressWarnings("FutureReturnValueIgnored") // Asking never ends by itself.
    public static Queues start(Session session) {
        var queues = new Queues(session);
        queues.timer.scheduleWithFixedDelay(queues::ask, 0, EVERY_SECONDS, TimeUnit.SECONDS);
        return queues;
    }

    /** What was last heard. */
    public State state() {
        return state;
    }

    private void ask() {
        try {
            if (view == null) {
                view = new QueueView(session.connection());
            }
            var queues = new ArrayList<Queue>();
            for (StageName stage : session.topics().stages().names()) {
                QueueView.Owed owed = view.owed(stage);
                queues.add(
                        new Queue(
                                stage.id(),
                                view.members(stage),
                                owed.lag(),
                                owed.empty() ? null : owed.settledBefore()));
            }
            state = new State(queues, null);
        } catch (StageException e) {
            state = new State(state.queues(), e.getMessage());
        } catch (RuntimeException e) {
            // A scheduled task that throws is never run again.
            state = new State(state.queues(), e.toString());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (timer.awaitTermination(5, TimeUnit.SECONDS) && view != null) {
                view.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
