package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.pipeline.stage.TuneResult;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is killed -9 at any instant is made again, and no selection counts twice. */
final class KilledTrainingIT {
    private static final int KILLS = 3;

    @TempDir Path folder;

    @Test
    void shouldLearnEverySelectionOnceHoweverOftenItIsKilled() throws Exception {
        var undisturbed = folder.resolve("undisturbed");
        Path work = work(undisturbed);
        long begin = System.nanoTime();
        assertThat(train(undisturbed, work).waitFor()).isZero();
        long whole = System.nanoTime() - begin;

        var killed = folder.resolve("killed");
        work(killed);
        var random = new Random(5);
        for (int i = 0; i < KILLS; i++) {
            var process = train(killed, work);
            // Anywhere from its start to just after its end.
            process.waitFor((long) (whole * 1.05 * random.nextDouble()), TimeUnit.NANOSECONDS);
            process.destroyForcibly().waitFor();
        }
        assertThat(train(killed, work).waitFor()).isZero();

        var expected = result(undisturbed, work);
        var after = result(killed, work);
        assertThat(after).isEqualTo(expected);
        assertThat(after.pairs()).isEqualTo(4);
        assertThat(after.version()).isEqualTo(1);
        assertThat(entries(killed.resolve("results"))).as("results").isEqualTo(1);
        try (var store = LocalStore.open(killed)) {
            var model =
                    new PreferenceModels(new ObjectMapper())
                            .read(store.fetch(after.model(), folder));
            assertThat(model.learned())
                    .containsExactly("selection-0", "selection-1", "selection-2", "selection-3");
        }
    }

    /** Puts four selections into a store, one of them twice into the work. */
    private Path work(Path root) throws IOException {
        try (var store = LocalStore.open(root)) {
            var pairs = new ArrayList<PreferencePair>();
            for (int i = 0; i < 4; i++) {
                BlobRef chosen =
                        store.putBlob(
                                RenderedClips.rendered(
                                        folder.resolve("clean-" + i + "-" + 17 + ".mp4"), i, 17),
                                "video/mp4");
                BlobRef rejected =
                        store.putBlob(
                                RenderedClips.corrupted(
                                        folder.resolve(Corruption.FLICKER + "-" + i + ".mp4"),
                                        i,
                                        Corruption.FLICKER),
                                "video/mp4");
                pairs.add(
                        new PreferencePair(
                                "selection-" + i,
                                RenderedClips.prompt(i),
                                "other",
                                store.putBlob(Images.png(RenderedClips.still(i)), "image/png"),
                                chosen,
                                rejected));
            }
            pairs.add(pairs.get(2));
            var item =
                    new WorkItem(
                            new WorkRef("tune", "preferences", "tune", StageName.TUNE, null, 0),
                            1,
                            Instant.EPOCH,
                            new TuneRequest(
                                    1, PreferenceVersion.NONE, pairs, TuneConfig.defaults()));
            return Files.write(folder.resolve("work"), new EventCodec().encode(item));
        }
    }

    private Process train(Path root, Path work) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TuneMain.class.getName(),
                        root.toString(),
                        folder.resolve("cache").toString(),
                        work.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    private TuneResult result(Path root, Path work) throws IOException {
        var item = (WorkItem) new EventCodec().decode(Files.readAllBytes(work));
        try (var store = LocalStore.open(root);
                var session =
                        new StageSession<>(
                                new TuneStage(
                                        ModelFolders.of(TestbedStage.MODELS),
                                        new FileFingerprints(folder.resolve("cache"))),
                                store,
                                ReportCodec.avro(Stages.STANDARD),
                                Device.CPU,
                                new Producer("test", "1@0", "host", "cpu", "cpu"),
                                Clock.systemUTC())) {
            var prepared = session.prepare(item.work(), (TuneRequest) item.request());
            return (TuneResult) session.look(prepared).orElseThrow().result();
        }
    }

    private static long entries(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }
}
