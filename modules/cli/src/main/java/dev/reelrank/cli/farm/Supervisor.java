package dev.reelrank.cli.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the farm of one data folder alive while anybody is attached: the union of what the attached
 * commands need is started and tended; a while after the last one has gone everything is ended, the
 * workers first, the broker last.
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
    private final ProcessPlan plan;
    private final Map<String, Child> children = new LinkedHashMap<>();
    private final CountDownLatch asked = new CountDownLatch(1);

    Supervisor(DataFolder data, ProcessPlan plan) {
        this.data = data;
        this.plan = plan;
    }

    /** Runs until nobody is attached any more; returns at once if another supervisor works here. */
    void run() throws IOException, InterruptedException {
        try (var channel =
                FileChannel.open(
                        data.supervisorLock(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                return;
            }
            var hook = new Thread(asked::countDown, "stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                supervise();
            } finally {
                stop();
            }
        }
    }

    private void supervise() throws IOException, InterruptedException {
        Instant lastNeeded = Instant.now();
        do {
            Instant now = Instant.now();
            List<FarmSpec> needed = Attachment.living(data);
            if (!needed.isEmpty()) {
                lastNeeded = now;
            } else if (lastNeeded.isBefore(now.minus(LINGER))) {
                LOG.info("nobody is attached any more");
                return;
            }
            for (FarmSpec spec : needed) {
                for (ProcessSpec process : plan.of(spec)) {
                    children.computeIfAbsent(process.name(), n -> new Child(process));
                }
            }
            for (Child child : children.values()) {
                child.tend(now);
            }
            publish();
        } while (!asked.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
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
        Path next = data.supervisorState().resolveSibling("supervisor.json.new");
        JSON.writeValue(next.toFile(), children.values().stream().map(Child::state).toList());
        Files.move(
                next,
                data.supervisorState(),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
