package dev.reelrank.trainer;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** One training as a process that can be killed: FOLDER, STORE and the file of a work item. */
final class AlignMain {
    private AlignMain() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        var work = (WorkItem) new EventCodec().decode(Files.readAllBytes(Path.of(args[2])));
        try (var store = LocalStore.open(Path.of(args[1]));
                var session =
                        new StageSession<>(
                                TinyTraining.stage(folder, store, List.of()),
                                store,
                                ReportCodec.avro(Stages.STANDARD),
                                Device.CPU,
                                new Producer("align", "1@0", "host", "cpu", "cpu"),
                                Clock.systemUTC())) {
            var item = session.prepare(work.work(), (AlignRequest) work.request());
            if (session.look(item).isPresent()) {
                return;
            }
            var body = session.compute(List.of(item), 1, false, BatchListener.NONE).get(0);
            if (!(body instanceof Succeeded)) {
                throw new IllegalStateException("the training failed: " + body);
            }
        }
    }
}
