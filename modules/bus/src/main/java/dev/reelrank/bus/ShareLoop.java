package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns a share consumer: it takes records, renews them and settles them.
 *
 * <p>The consumer's rules: a poll needs every record of the poll before acknowledged; a record that
 * was renewed comes back from the next poll and cannot be acknowledged before. So a tick renews all
 * that it holds and polls them back in; between ticks single records are settled.
 */
final class ShareLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShareLoop.class);
    private static final Duration STEP = Duration.ofMillis(100);

    /** Renewed records come back at once; this is for a process that gets no time to run. */
    private static final Duration RETURN = Duration.ofSeconds(2);

    private static final Duration COMMIT = Duration.ofSeconds(5);

    private final ShareConsumers consumers;
    private final EventCodec codec;
    private final Duration lock;
    private final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    // Everything below belongs to the thread.

    private @Nullable KafkaShareConsumer<String, byte[]> consumer;
    private int max;
    private @Nullable Demand demand;

    /** Records that this consumer may acknowledge now, by offset. */
    private final Map<Long, Delivery> inHand = new LinkedHashMap<>();

    /** Deliveries that the worker has. */
    private final List<Delivery> out = new ArrayList<>();

    /** Deliveries that came unasked with renewed ones: for the next take. */
    private final Deque<Delivery> spare = new ArrayDeque<>();

    /** Work that was accepted after its lock was lost: its record comes again. */
    private final RecentWork settled = new RecentWork();

    /** The last commit failed because no broker answered. */
    private boolean silent;

    private long renewAt;
    private long polledAt;

    /** What the thread is asked to do, and what becomes of it if the queue closes first. */
    private record Command(Runnable action, Runnable refusal) {}

    private record Demand(int max, long until, CompletableFuture<List<Delivery>> promise) {}

    ShareLoop(ShareConsumers consumers, EventCodec codec, Duration lock, String name) {
        this.consumers = consumers;
        this.codec = codec;
        this.lock = lock;
        this.thread = new Thread(this::run, "queue-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    Duration lock() {
        return lock;
    }

    List<Delivery> take(int limit, Duration wait) {
        if (limit < 1) {
            throw new IllegalArgumentException("max must be at least 1, was " + limit);
        }
        var promise = new CompletableFuture<List<Delivery>>();
        command(
                () -> {
                    if (out.isEmpty()) {
                        demand = new Demand(limit, System.nanoTime() + wait.toNanos(), promise);
                    } else {
                        promise.completeExceptionally(
                                new IllegalStateException(
                                        "some deliveries are not accepted yet, so the group delivers no more: "
                                                + out));
                    }
                },
                () ->
                        promise.completeExceptionally(
                                new IllegalStateException("the queue is closed")));
        try {
            return promise.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StageException s) {
                throw new StageException(s.code(), String.valueOf(s.getMessage()), s);
            }
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    CompletableFuture<Boolean> accept(Delivery delivery) {
        var promise = new CompletableFuture<Boolean>();
        // A closed queue has given its records back: they come again.
        command(() -> promise.complete(settle(delivery)), () -> promise.complete(false));
        return promise;
    }

    private void command(Runnable action, Runnable refusal) {
        commands.add(new Command(action, refusal));
        // The thread may have ended before it saw the command.
        if (closed) {
            refusal.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        commands.add(new Command(() -> {}, () -> {}));
        try {
            thread.join(TimeUnit.SECONDS.toMillis(15));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    step();
                } catch (RuntimeException e) {
                    broken(e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            if (demand != null) {
                demand.promise().complete(List.of());
            }
            for (Command command = commands.poll(); command != null; command = commands.poll()) {
                command.refusal().run();
            }
            closeConsumer();
        }
    }

    private void step() throws InterruptedException {
        long wait = Long.MAX_VALUE;
        if (demand != null) {
            wait = 0;
        } else if (!inHand.isEmpty()) {
            wait = Math.max(0, renewAt - System.nanoTime());
        }
        Command command = commands.poll(wait, TimeUnit.NANOSECONDS);
        if (command != null) {
            command.action().run();
        } else if (!inHand.isEmpty() && System.nanoTime() >= renewAt) {
            tick();
        }
        serve();
    }

    // Taking.

    private void serve() {
        Demand d = demand;
        if (d == null) {
            return;
        }
        if (spare.isEmpty() && inHand.isEmpty()) {
            poll(open(d.max()));
        }
        while (!spare.isEmpty() && out.size() < d.max()) {
            out.add(spare.remove());
        }
        if (!out.isEmpty() || System.nanoTime() >= d.until()) {
            demand = null;
            d.promise().complete(List.copyOf(out));
        }
    }

    private void poll(KafkaShareConsumer<String, byte[]> from) {
        boolean idle = System.nanoTime() - polledAt > lock.toNanos() / 3;
        for (ConsumerRecord<String, byte[]> record : from.poll(STEP)) {
            adopt(record);
        }
        polledAt = System.nanoTime();
        renewAt = polledAt + lock.toNanos() / 3;
        if (idle && !inHand.isEmpty()) {
            // They may have waited in the client for long: make sure that they are still ours.
            tick();
        }
    }

    private void adopt(ConsumerRecord<String, byte[]> record) {
        Delivery known = inHand.get(record.offset());
        if (known != null) {
            known.attach(record);
            return;
        }
        Delivery delivery = Delivery.of(this, codec, record);
        inHand.put(record.offset(), delivery);
        String key = delivery.key();
        if (settled.contains(key)) {
            LOG.info("{} was already finished here", delivery);
            settle(delivery);
            return;
        }
        for (List<Delivery> held : List.of(out, List.copyOf(spare))) {
            for (Delivery same : held) {
                if (same.work() != null && same.key().equals(key)) {
                    same.attach(record);
                    inHand.put(record.offset(), same);
                    return;
                }
            }
        }
        spare.add(delivery);
    }

    // Keeping and settling.

    /** Renews all records that it holds and takes them back. */
    private void tick() {
        if (consumer == null) {
            return;
        }
        var renewed = new HashMap<Long, Delivery>();
        var waiting = new LinkedHashMap<Long, Delivery>(inHand);
        // One commit a record: a record that is lost then takes no other with it. But a broker that
        // is away would take the time of a commit for each.
        while (!waiting.isEmpty() && !silent) {
            var next = waiting.entrySet().iterator().next();
            waiting.remove(next.getKey());
            renewed.putAll(
                    acknowledge(Map.of(next.getKey(), next.getValue()), AcknowledgeType.RENEW));
        }
        renewed.putAll(acknowledge(waiting, AcknowledgeType.RENEW));
        silent = false;
        renewAt = System.nanoTime() + lock.toNanos() / 3;
        if (renewed.isEmpty()) {
            // Without a lock there is nothing to poll for: the task goes on, and when its record
            // comes again after it, it is known.
            return;
        }
        inHand.putAll(renewed);
        var back = new HashMap<Long, Delivery>();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(RETURN)) {
            adopt(record);
            Delivery delivery = inHand.get(record.offset());
            if (delivery != null) {
                back.put(record.offset(), delivery);
            }
        }
        polledAt = System.nanoTime();
        renewed.forEach(
                (offset, delivery) -> {
                    if (!back.containsKey(offset)) {
                        LOG.warn("{} was renewed but not redelivered", delivery);
                        inHand.remove(offset);
                        delivery.drop(offset);
                    }
                });
        spare.removeIf(Delivery::lost);
    }

    private boolean settle(Delivery delivery) {
        boolean confirmed = !delivery.records().isEmpty();
        for (Long offset : List.copyOf(delivery.records().keySet())) {
            confirmed &= !acknowledge(Map.of(offset, delivery), AcknowledgeType.ACCEPT).isEmpty();
        }
        delivery.records().clear();
        out.remove(delivery);
        if (!confirmed) {
            settled.add(delivery.key());
        }
        return confirmed;
    }

    /**
     * Acknowledges in one commit, all or nothing.
     *
     * @return the given records if it worked, none if they are lost; no longer held in both cases
     */
    private Map<Long, Delivery> acknowledge(Map<Long, Delivery> records, AcknowledgeType type) {
        if (records.isEmpty()) {
            return records;
        }
        var open = consumer;
        try {
            if (open == null) {
                throw new IllegalStateException("this worker holds no record any more");
            }
            for (var entry : records.entrySet()) {
                ConsumerRecord<String, byte[]> record =
                        entry.getValue().records().get(entry.getKey());
                if (record == null || inHand.remove(entry.getKey()) == null) {
                    throw new IllegalStateException("this worker does not hold the record");
                }
                open.acknowledge(record, type);
            }
            for (var result : open.commitSync(COMMIT).values()) {
                if (result.isPresent()) {
                    throw result.get();
                }
            }
            return records;
        } catch (KafkaException | IllegalStateException e) {
            LOG.warn(
                    "{} of {} failed, so another worker may run it too: {}",
                    type,
                    records.values(),
                    e.toString());
            silent = e instanceof RetriableException;
            records.forEach(
                    (offset, delivery) -> {
                        inHand.remove(offset);
                        delivery.drop(offset);
                    });
            return Map.of();
        }
    }

    // The consumer.

    private KafkaShareConsumer<String, byte[]> open(int limit) {
        if (consumer == null || max != limit) {
            closeConsumer();
            consumer = consumers.open(limit);
            max = limit;
            polledAt = System.nanoTime();
        }
        return consumer;
    }

    private void closeConsumer() {
        if (consumer == null) {
            return;
        }
        try {
            consumer.close(COMMIT);
        } catch (KafkaException e) {
            LOG.warn("leaving the group failed: {}", e.toString());
        }
        consumer = null;
        inHand.forEach((offset, delivery) -> delivery.drop(offset));
        inHand.clear();
        spare.clear();
    }

    /** After an exception of the consumer: go on where that makes sense, else tell the worker. */
    private void broken(RuntimeException e) throws InterruptedException {
        if (closed) {
            return;
        }
        if (e instanceof RetriableException) {
            LOG.warn("the queue continues after {}", e.toString());
            Thread.sleep(STEP.toMillis());
            return;
        }
        LOG.warn("the queue rejoins its group after a failure", e);
        closeConsumer();
        Demand d = demand;
        if (d != null && (e instanceof ApiException || e instanceof StageException)) {
            demand = null;
            d.promise()
                    .completeExceptionally(
                            e instanceof StageException
                                    ? e
                                    : Futures.failure(e, consumers.connection()));
        }
        Thread.sleep(STEP.toMillis());
    }
}
