package dev.reelrank.flow.topology;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RunUpdated;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what every instance needs of a compacted topic that flow itself writes.
 *
 * @param <V> what is kept of an event
 */
final class GlobalStores<V> implements Processor<String, byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(GlobalStores.class);

    private final String store;
    private final EventCodec codec;
    private final Function<Event, @Nullable V> extract;
    private KeyValueStore<String, V> kept;

    private GlobalStores(String store, EventCodec codec, Function<Event, @Nullable V> extract) {
        this.store = store;
        this.codec = codec;
        this.extract = extract;
    }

    /** The preference model in force. */
    static GlobalStores<QualityStandards> standards(EventCodec codec) {
        return new GlobalStores<>(
                StoreNames.STANDARDS, codec, e -> e instanceof QualityStandards q ? q : null);
    }

    /** Said of a run that was deleted: its payloads are of no more use. */
    static final long DELETED = 0;

    /**
     * When each run that is done was done, in milliseconds since 1970; {@link #DELETED} of one that
     * a user deleted.
     */
    static GlobalStores<Long> doneRuns(EventCodec codec) {
        return new GlobalStores<>(
                StoreNames.DONE_RUNS, codec, e -> e instanceof RunUpdated run ? endOf(run) : null);
    }

    private static @Nullable Long endOf(RunUpdated run) {
        return switch (run.status()) {
            case DONE -> run.at().toEpochMilli();
            case DELETED -> DELETED;
            default -> null;
        };
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        kept = context.getStateStore(store);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = record.value() == null ? null : decoded(record);
        if (value != null) {
            kept.put(record.key(), value);
        } else if (kept.get(record.key()) != null) {
            kept.delete(record.key());
        }
    }

    private @Nullable V decoded(Record<String, byte[]> record) {
        try {
            return extract.apply(codec.decode(record.value()));
        } catch (StageException e) {
            // Only flow writes these topics, so records of other writers are skipped. Those of a
            // newer
            // flow too: what stood there before is used until this process is upgraded. A failure
            // here would end the process, and the next one at the same record.
            LOG.warn("skipped a record of {} under '{}': {}", store, record.key(), e.getMessage());
            return null;
        }
    }
}
