package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer that is killed -9 at any instant: another one goes on, to the same bytes. */
final class KilledAlignIT {
    private static final int KILLS = 4;

    @TempDir Path folder;

    @Test
    void shouldEndWithTheSameAdapterHoweverOftenItIsKilled() throws Exception {
        Path undisturbed = folder.resolve("undisturbed");
        Path work = work(undisturbed);
        long begin = System.nanoTime();
        assertThat(train(undisturbed, work).waitFor()).as(log()).isZero();
        long whole = System.nanoTime() - begin;

        Path killed = folder.resolve("killed");
        work(killed);
        var random = new Random(11);
        int inMidTraining = 0;
        for (int i = 0; i < KILLS; i++) {
            var process = train(killed, work);
            // Half of them as soon as a state is stored, for a training is short beside its start.
            if (i % 2 == 0) {
                awaitCheckpoint(killed, i / 2 + 1, process);
            } else {
                process.waitFor((long) (whole * random.nextDouble()), TimeUnit.NANOSECONDS);
            }
            inMidTraining += process.isAlive() && checkpoints(killed) > 0 ? 1 : 0;
            process.destroyForcibly().waitFor();
        }
        assertThat(inMidTraining).as("kills while states were stored").isPositive();
        assertThat(train(killed, work).waitFor()).as(log()).isZero();

        assertThat(result(killed, work).files()).isEqualTo(result(undisturbed, work).files());
    }

    private Path work(Path root) throws IOException {
        try (var store = LocalStore.open(root)) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(3), TinyTraining.config(40, 2, 1e-3, 0));
            var asked = WorkRequested.training(request, 0, "me", Instant.EPOCH);
            var item = new WorkItem(asked.work(), 1, Instant.EPOCH, request);
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
                        AlignMain.class.getName(),
                        folder.toString(),
                        root.toString(),
                        work.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    /** Until there are states of some steps, or the process has ended. */
    private static void awaitCheckpoint(Path root, int wanted, Process process) throws Exception {
        while (process.isAlive() && checkpoints(root) < wanted) {
            process.waitFor(5, TimeUnit.MILLISECONDS);
        }
    }

    private static long checkpoints(Path root) throws IOException {
        Path drafts = root.resolve("drafts");
        if (!Files.isDirectory(drafts)) {
            return 0;
        }
        try (var files = Files.walk(drafts)) {
            return files.filter(f -> f.getFileName().toString().startsWith("checkpoint")).count();
        } catch (java.io.UncheckedIOException e) {
            // A state was replaced while it was listed.
            return 0;
        }
    }

    private String log() throws IOException {
        return Files.exists(folder.resolve("log")) ? Files.readString(folder.resolve("log")) : "";
    }

    private AlignResult result(Path root, Path work) throws IOException {
        var item = (WorkItem) new EventCodec().decode(Files.readAllBytes(work));
        try (var store = LocalStore.open(root);
                var session =
                        new StageSession<>(
                                TinyTraining.stage(folder, store, List.of()),
                                store,
                                ReportCodec.avro(Stages.STANDARD),
                                Device.CPU,
                                new Producer("test", "1@0", "host", "cpu", "cpu"),
                                Clock.systemUTC())) {
            var prepared = session.prepare(item.work(), (AlignRequest) item.request());
            return (AlignResult) session.look(prepared).orElseThrow().result();
        }
    }
}
