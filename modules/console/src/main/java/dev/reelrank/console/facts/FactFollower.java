package dev.reelrank.console.facts;

import dev.reelrank.bus.StoredEvent;
import dev.reelrank.bus.Topics;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.Session;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics from their beginning in a thread of its own, and goes on when the broker was
 * away: {@link Facts#trouble} says so meanwhile.
 */
public final class FactFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FactFollower.class);
    private static final Duration WAIT = Duration.ofMillis(200);
    private static final Duration PING_EVERY = Duration.ofSeconds(3);
    private static final Duration PING_LIMIT = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Session session;
    private final Facts facts;
    private final Thread thread;
    private volatile boolean closed;

    private FactFollower(Session session, Facts facts) {
        this.session = session;
        this.facts = facts;
        this.thread = new Thread(this::follow, "facts");
    }

    /** Starts reading. */
    public static FactFollower start(Session session, Facts facts) {
        var follower = new FactFollower(session, facts);
        follower.thread.setDaemon(true);
        follower.thread.start();
        return follower;
    }

    private static List<String> topics(Topics topics) {
        var names = new ArrayList<>(RunTopics.withProgress(topics));
        names.add(topics.votes());
        names.add(topics.selections());
        names.add(topics.qualityStandards());
        names.add(topics.adapters());
        for (StageName stage : topics.stages().names()) {
            names.add(topics.dead(stage));
        }
        return names;
    }

    private void follow() {
        while (!closed) {
            try (var reader = session.reader(topics(session.topics()))) {
                reader.readToEnd(stored -> facts.apply(List.of(stored.event())));
                facts.caughtUp();
                facts.trouble(null);
                long heard = System.nanoTime();
                while (!closed) {
                    List<Event> events =
                            reader.poll(WAIT).stream().map(StoredEvent::event).toList();
                    facts.apply(events);
                    // An empty answer is all that a reader sees of a broker that is away.
                    if (!events.isEmpty()) {
                        heard = System.nanoTime();
                        facts.trouble(null);
                    } else if (System.nanoTime() - heard > PING_EVERY.toNanos()) {
                        ping();
                        heard = System.nanoTime();
                    }
                }
            } catch (StageException e) {
                facts.trouble(e.getMessage());
                pause();
            } catch (RuntimeException e) {
                LOG.error("reading the facts failed and starts again", e);
                facts.trouble("reading the facts failed and starts again: " + e);
                pause();
            }
        }
    }

    private void ping() {
        try {
            session.connection().check(PING_LIMIT);
            facts.trouble(null);
        } catch (StageException e) {
            facts.trouble(e.getMessage());
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
