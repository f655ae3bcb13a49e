package dev.reelrank.client.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the farm of one data folder alive while a command is attached: the union of what the
 * attached commands need is started and tended; a while after the last one has gone everything is
 * ended, the workers first, the broker last.
 *
 * <p>There is one supervisor a data folder (it holds a lock). If it is killed its children notice
 * the end of their standard input and end too; the next command starts another.
 */
final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TICK = Duration.ofMillis(200);

    /** Long enough for a user who types the next command at once, short enough not to linger. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final DataFolder data;
    private final Function<FarmSpec, List<ProcessSpec>> plan;
    private final Duration linger;
    private final Map<String, Child> children = new LinkedHashMap<>();
    private final Map<String, Duration> lastAsked = new HashMap<>();
    private final long start = System.nanoTime();
    private Set<String> known = Set.of();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * @param plan the processes that a command needs; of one name only one is started
     */
    Supervisor(DataFolder data, Function<FarmSpec, List<ProcessSpec>> plan) {
        this(data, plan, LINGER);
    }

    /**
     * @param linger how long what no command needs any more is kept
     */
    Supervisor(DataFolder data, Function<FarmSpec, List<ProcessSpec>> plan, Duration linger) {
        this.data = data;
        this.plan = plan;
        this.linger = linger;
    }

    /**
     * Runs until no command is attached any more; returns at once if another supervisor works here.
     */
    void run() throws IOException, InterruptedException {
        try (var hold = FileHold.of(data.supervisorLock())) {
            if (hold == null) {
                return;
            }
            var hook = new Thread(this::endFirst, "stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                supervise();
            } finally {
                stop();
            }
        } finally {
            ended.countDown();
        }
    }

    /**
     * The process may not end before its children: else they would still write into the data folder
     * while the lock says that nobody works there. Each child has a time limit, so this ends too.
     */
    private void endFirst() {
        asked.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() throws IOException, InterruptedException {
        Duration lastNeeded = sinceStart();
        do {
            Duration now = sinceStart();
            Map<String, FarmSpec> attached = Attachment.living(data);
            tryAgainFor(attached.keySet());
            Collection<FarmSpec> needed = attached.values();
            if (!needed.isEmpty()) {
                lastNeeded = now;
            } else if (lastNeeded.compareTo(now.minus(linger)) < 0) {
                LOG.info("no command is attached any more");
                return;
            }
            adjust(needed, now);
            for (Child child : children.values()) {
                child.tend(now);
            }
            publish();
        } while (!asked.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Who comes anew may have mended what a child was given up for. */
    private void tryAgainFor(Set<String> attached) {
        if (!known.containsAll(attached)) {
            children.values().removeIf(child -> child.gaveUp() != null);
        }
        known = Set.copyOf(attached);
    }

    /** Monotonic: a step of the system's clock changes no age. */
    private Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /**
     * Starts what is needed and not there, ends what no command has needed for a while, and
     * replaces what was started with settings that no command needs any more, for example other
     * weights.
     */
    private void adjust(Collection<FarmSpec> needed, Duration now)
            throws IOException, InterruptedException {
        var asked = new LinkedHashMap<String, List<ProcessSpec>>();
        for (FarmSpec spec : needed) {
            for (ProcessSpec process : plan.apply(spec)) {
                asked.computeIfAbsent(process.name(), n -> new ArrayList<>()).add(process);
                lastAsked.put(process.name(), now);
            }
        }
        var outdated = new ArrayList<Child>();
        for (Child child : children.values()) {
            List<ProcessSpec> ways = asked.get(child.spec().name());
            boolean unwanted =
                    ways == null
                            && !needed.isEmpty()
                            && Objects.requireNonNull(lastAsked.get(child.spec().name()))
                                            .compareTo(now.minus(linger))
                                    < 0;
            if (unwanted || (ways != null && !ways.contains(child.spec()))) {
                LOG.info(
                        "{} ends: {}",
                        child.spec().name(),
                        unwanted
                                ? "no command needs it"
                                : "a command needs it with other settings");
                child.stop();
                outdated.add(child);
            }
        }
        for (Child child : outdated) {
            child.awaitEnd();
            children.remove(child.spec().name());
        }
        for (var ways : asked.entrySet()) {
            children.computeIfAbsent(ways.getKey(), n -> new Child(ways.getValue().get(0)));
        }
    }

    /** Workers and flow end before the broker that they still talk to. */
    private void stop() throws IOException, InterruptedException {
        var order = new ArrayList<>(children.values());
        Collections.reverse(order);
        for (Child child : order) {
            if (!child.spec().name().equals(ProcessPlan.BROKER)) {
                child.stop();
            }
        }
        for (Child child : order) {
            if (child.spec().name().equals(ProcessPlan.BROKER)) {
                child.stop();
            }
            child.awaitEnd();
        }
        Files.deleteIfExists(data.supervisorState());
    }

    private void publish() throws IOException {
        var state =
                new SupervisorState(
                        known.stream().sorted().toList(),
                        children.values().stream().map(Child::state).toList());
        WholeFile.write(
                data.supervisorState(), JSON.writeValueAsBytes(state), WholeFile.Care.ONE_WRITER);
    }
}
