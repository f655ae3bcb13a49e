package dev.reelrank.dqa;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** One training as a process that can be killed: STORE, CACHE and the file of a work item. */
final class TuneMain {
    private TuneMain() {}

    public static void main(String[] args) throws IOException {
        var work = (WorkItem) new EventCodec().decode(Files.readAllBytes(Path.of(args[2])));
        var stage =
                new TuneStage(
                        ModelFolders.of(TestbedStage.MODELS),
                        new FileFingerprints(Path.of(args[1])));
        try (var store = LocalStore.open(Path.of(args[0]));
                var session =
                        new StageSession<>(
                                stage,
                                store,
                                ReportCodec.avro(Stages.STANDARD),
                                Device.CPU,
                                new Producer("tune", "1@0", "host", "cpu", "cpu"),
                                Clock.systemUTC())) {
            var item = session.prepare(work.work(), (TuneRequest) work.request());
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
