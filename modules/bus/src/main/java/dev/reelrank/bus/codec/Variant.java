package dev.reelrank.bus.codec;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What decides the schema of a value.
 *
 * @param stage for the records that have one schema per stage (the schema's property {@code
 *     stage}), null for the others
 */
record Variant(Class<?> type, @Nullable StageName stage) {
    static Variant of(Schema schema, Class<?> type) {
        String stage = schema.getProp("stage");
        return new Variant(type, stage == null ? null : StageName.ofSymbol(stage));
    }

    static Variant of(Object value) {
        StageName stage = null;
        if (value instanceof WorkItem item) {
            stage = item.work().stage();
        } else if (value instanceof WorkReport report) {
            stage = report.work().stage();
        } else if (value instanceof WorkRequested requested) {
            stage = requested.work().stage();
        } else if (value instanceof StageFact fact) {
            stage = fact.work().stage();
        }
        return new Variant(value.getClass(), stage);
    }

    @Override
    public String toString() {
        return type.getSimpleName() + (stage == null ? "" : " of stage " + stage.id());
    }
}
