package dev.reelrank.worker.compute;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.Stages;

/** How a report becomes the bytes of a stored result. */
public interface ReportCodec {
    byte[] encode(WorkReport report);

    /**
     * The report that bytes stand for.
     *
     * @throws RuntimeException if the bytes are no report
     */
    WorkReport decode(byte[] bytes);

    /** The bytes that stand on the topics too: Avro's single-object encoding. */
    static ReportCodec avro(Stages stages) {
        var codec = new EventCodec(stages);
        return new ReportCodec() {
            @Override
            public byte[] encode(WorkReport report) {
                return codec.encode(report);
            }

            @Override
            public WorkReport decode(byte[] bytes) {
                return (WorkReport) codec.decode(bytes);
            }
        };
    }
}
