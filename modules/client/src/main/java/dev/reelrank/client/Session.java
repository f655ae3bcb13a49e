package dev.reelrank.client;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.broker.BrokerFolder;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.process.LastWords;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.client.farm.ChildState;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.Farm;
import dev.reelrank.client.farm.FarmSpec;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What a command holds while it works with the farm: the farm itself, the bus and the store. */
public final class Session implements AutoCloseable {
    private static final Duration BROKER_ANSWER = Duration.ofSeconds(60);

    /** Long, for busy machines: a broker that cannot start is given up, which ends the waiting. */
    private static final Duration BROKER_START = Duration.ofMinutes(3);

    private static final Duration ATTEMPT = Duration.ofSeconds(10);
    private static final int ATTEMPTS = 3;

    private final DataFolder data;
    private final FarmSpec spec;
    private final Connection connection;
    private final EventCodec codec = new EventCodec();
    private final Tracing tracing = Tracing.of("reelrank", System.getenv());
    private final ResultStore store;
    private @Nullable EventPublisher publisher;
    private Farm farm;
    private boolean working;

    private Session(
            DataFolder data,
            FarmSpec spec,
            boolean working,
            Farm farm,
            Connection connection,
            ResultStore store) {
        this.data = data;
        this.spec = spec;
        this.working = working;
        this.farm = farm;
        this.connection = connection;
        this.store = store;
    }

    /**
     * Attaches to the farm, waits until a broker answers, and makes sure of the topics: they are
     * created for a farm that this command runs; on another cluster they have to be there.
     *
     * @throws StageException BROKER_UNAVAILABLE, with what the broker last said; INVALID_CONFIG, at
     *     once, if the cluster refuses this client; TOPIC_MISCONFIGURED
     */
    public static Session open(DataFolder data, FarmSpec spec) {
        Session session = connect(data, spec);
        session.prepareTopics();
        return session;
    }

    /**
     * The same with the broker only, until {@link #work} asks for the rest: what is stored is read
     * without starting a process per stage.
     *
     * @throws StageException as {@link #open}
     */
    public static Session openToRead(DataFolder data, FarmSpec spec) {
        Session session = connect(data, spec, spec.reading());
        session.prepareTopics();
        return session;
    }

    /**
     * Makes sure that everything runs that the farm needs to do work. Called before work is asked
     * for.
     *
     * @throws StageException INVALID_CONFIG if another command is attached whose workers cannot
     *     serve this one
     */
    public void work() {
        if (working) {
            return;
        }
        // First the new hold, so that the broker is not given up in between.
        Farm whole = Farm.attach(data, spec);
        farm.close();
        farm = whole;
        working = true;
    }

    private void prepareTopics() {
        try {
            ensureTopics();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void ensureTopics() {
        var topics = new TopicSetup(connection);
        if (spec.bootstrap() != null && !spec.processing()) {
            topics.requireThere();
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                topics.ensure(TopicSetup.DEFAULT_PARTITIONS);
                return;
            } catch (StageException e) {
                // The broker that answered belonged to a farm that was ending.
                if (e.code() != FailureCode.BROKER_UNAVAILABLE || attempt == ATTEMPTS) {
                    throw e;
                }
                check(connection, data, spec, farm);
            }
        }
    }

    /**
     * The same whatever the topics are like, for those who set them up.
     *
     * @throws StageException as {@link #open}
     */
    public static Session connect(DataFolder data, FarmSpec spec) {
        return connect(data, spec, spec);
    }

    private static Session connect(DataFolder data, FarmSpec spec, FarmSpec first) {
        // Before any worker looks for it.
        ResultStore store = Stores.open(spec.store());
        Farm farm = null;
        try {
            farm = Farm.attach(data, first);
            Connection connection = connection(data, spec, farm);
            check(connection, data, spec, farm);
            return new Session(data, spec, first.equals(spec), farm, connection, store);
        } catch (RuntimeException e) {
            if (farm != null) {
                farm.close();
            }
            store.close();
            throw e;
        }
    }

    /**
     * In short attempts: a broker that was ending when we came is replaced by another at the same
     * address.
     */
    private static void check(Connection connection, DataFolder data, FarmSpec spec, Farm farm) {
        Deadline limit = Deadline.in(spec.bootstrap() == null ? BROKER_START : BROKER_ANSWER);
        while (true) {
            try {
                connection.check(ATTEMPT);
                return;
            } catch (StageException e) {
                if (e.code() != FailureCode.BROKER_UNAVAILABLE) {
                    throw e;
                }
                if (spec.bootstrap() == null) {
                    requireStarting(farm);
                }
                if (limit.passed()) {
                    throw spec.bootstrap() == null ? notStarted(data, e) : e;
                }
                pause();
            }
        }
    }

    /** Our own broker: that it was given up has a cause, which its last words tell. */
    private static void requireStarting(Farm farm) {
        for (ChildState child : farm.children()) {
            if (child.gaveUp() != null) {
                throw new StageException(FailureCode.BROKER_UNAVAILABLE, child.gaveUp());
            }
        }
    }

    private static StageException notStarted(DataFolder data, @Nullable Throwable cause) {
        Path log = data.logs().resolve("broker.log");
        String words;
        try {
            words = new LastWords(log, 0).said();
        } catch (IOException e) {
            words = "its log " + log + " cannot be read: " + e;
        }
        return new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "the broker of %s did not start within %d s; the last words in its log: %s"
                        .formatted(data.root(), BROKER_START.toSeconds(), words),
                cause);
    }

    private static Connection connection(DataFolder data, FarmSpec spec, Farm farm) {
        Path settings = spec.kafkaConfig() == null ? null : Path.of(spec.kafkaConfig());
        if (spec.bootstrap() != null) {
            return Connection.of(spec.bootstrap(), settings);
        }
        var folder = new BrokerFolder(data.broker());
        Deadline limit = Deadline.in(BROKER_START);
        while (!limit.passed()) {
            if (folder.running() && folder.connection().isPresent()) {
                return folder.connection().get().with(settings);
            }
            requireStarting(farm);
            pause();
        }
        throw notStarted(data, null);
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.BROKER_UNAVAILABLE, "interrupted while waiting for the broker", e);
        }
    }

    public DataFolder data() {
        return data;
    }

    public Farm farm() {
        return farm;
    }

    public Topics topics() {
        return connection.topics();
    }

    public Connection connection() {
        return connection;
    }

    public ResultStore store() {
        return store;
    }

    public EventPublisher publisher() {
        if (publisher == null) {
            publisher = new EventPublisher(connection, codec, tracing);
        }
        return publisher;
    }

    /** Reads committed events from the beginning of the topics; the caller closes it. */
    public EventReader reader(Collection<String> topics) {
        return new EventReader(connection, codec, topics);
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
        }
        tracing.close();
        store.close();
        farm.close();
    }
}
