package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.WorkItem;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record of a work queue in the hands of this worker. The queue renews it until {@link #accept};
 * there is no hurry and no heartbeat to send.
 *
 * <p>Either {@link #work} or {@link #unreadable} is there. What is unreadable for UNKNOWN_SCHEMA is
 * to be kept (this process is too old: say so and take nothing more); what is UNDECODABLE becomes a
 * dead letter (see the package) and is accepted.
 */
public final class Delivery {
    private final ShareLoop loop;
    private final ConsumerRecord<String, byte[]> first;
    private final @Nullable WorkItem work;
    private final @Nullable StageException unreadable;

    /** By offset. Two, where flow emitted the same work again and both records came here. */
    private final Map<Long, ConsumerRecord<String, byte[]>> records = new LinkedHashMap<>();

    private final Instant takenAt = Instant.now();
    private volatile boolean lost;

    private Delivery(
            ShareLoop loop,
            ConsumerRecord<String, byte[]> record,
            @Nullable WorkItem work,
            @Nullable StageException unreadable) {
        this.loop = loop;
        this.first = record;
        this.work = work;
        this.unreadable = unreadable;
        records.put(record.offset(), record);
    }

    static Delivery of(ShareLoop loop, EventCodec codec, ConsumerRecord<String, byte[]> record) {
        try {
            if (codec.decode(record.value() == null ? new byte[0] : record.value())
                    instanceof WorkItem work) {
                String stage = work.work().stage().id();
                if (!record.topic().endsWith("." + stage)
                        || !work.request().stage().equals(work.work().stage())) {
                    // Nobody could report on it: its stage decides where a report goes.
                    var other =
                            new StageException(
                                    FailureCode.UNDECODABLE,
                                    "a work queue contains work of another stage: '%s' with a request for '%s'"
                                            .formatted(stage, work.request().stage().id()));
                    return new Delivery(loop, record, null, other);
                }
                return new Delivery(loop, record, work, null);
            }
            var other =
                    new StageException(
                            FailureCode.UNDECODABLE,
                            "a work queue contains an event that is not a work item");
            return new Delivery(loop, record, null, other);
        } catch (StageException e) {
            return new Delivery(loop, record, null, e);
        }
    }

    /** The work to be done, null if the record is {@link #unreadable}. */
    public @Nullable WorkItem work() {
        return work;
    }

    /** Why the record is no work: UNDECODABLE or UNKNOWN_SCHEMA; null if it is. */
    public @Nullable StageException unreadable() {
        return unreadable;
    }

    /** The record's bytes as they stand on the topic. */
    public byte[] payload() {
        return first.value() == null ? new byte[0] : first.value().clone();
    }

    /** Topic, partition and offset, for messages and dead letters. */
    public String source() {
        return first.topic() + "-" + first.partition() + "@" + first.offset();
    }

    /** When the broker got it. */
    public Instant appendedAt() {
        return Instant.ofEpochMilli(first.timestamp());
    }

    /** When it came here. */
    public Instant takenAt() {
        return takenAt;
    }

    /**
     * How often the record was handed out, from 1. A hint only: kills, drains and broker restarts
     * raise it too, for all records of a batch.
     */
    public int deliveryCount() {
        return first.deliveryCount().orElse((short) 1);
    }

    /** The record's headers, for example a trace context. */
    public Map<String, byte[]> headers() {
        var headers = new HashMap<String, byte[]>();
        for (Header header : first.headers()) {
            headers.put(header.key(), header.value());
        }
        return headers;
    }

    /**
     * Whether the broker no longer keeps the record for this worker, after a hang or a restart of
     * the broker: another worker may do the same work. Finishing and publishing is right all the
     * same, outcomes are deduplicated. (Where another has even settled the record, the broker says
     * nothing and this stays false.)
     */
    public boolean lost() {
        return lost;
    }

    /**
     * Settles the record: its outcome is published, and no other worker needs it. Waits for the
     * broker.
     *
     * @return false if the record had been lost or the queue is closed: it may be delivered again
     */
    public boolean accept() {
        return loop.accept(this).join();
    }

    /** The same without waiting. */
    public CompletableFuture<Boolean> acceptAsync() {
        return loop.accept(this);
    }

    // The rest is the loop's; only its thread calls it.

    /** The same for records that ask for the same outcome. */
    String key() {
        return work == null ? source() : work.work().workId() + "/" + work.work().epoch();
    }

    Map<Long, ConsumerRecord<String, byte[]>> records() {
        return records;
    }

    void attach(ConsumerRecord<String, byte[]> record) {
        records.put(record.offset(), record);
        lost = false;
    }

    void drop(long offset) {
        records.remove(offset);
        lost = records.isEmpty();
    }

    @Override
    public String toString() {
        return source() + (work == null ? " (unreadable)" : " " + work.work());
    }
}
