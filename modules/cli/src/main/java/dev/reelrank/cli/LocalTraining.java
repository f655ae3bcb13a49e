package dev.reelrank.cli;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.cli.terminal.Terminal;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.trainer.AlignStage;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trains in this process, without a broker, and writes the adapter into a folder. */
final class LocalTraining {
    private final ResultStore store;
    private final Path out;

    LocalTraining(ResultStore store, Path out) {
        this.store = store;
        this.out = out;
    }

    /**
     * Trains, or finds what was trained before.
     *
     * @param devices at least one
     */
    int run(AlignRequest request, ModelFolders folders, List<String> devices, boolean json) {
        var where = devices.stream().map(Device::parse).toList();
        try (var runner =
                StageRunner.of(
                        AlignStage.local(folders, store, where, new GateJudges()),
                        store,
                        where.get(0))) {
            var result = runner.run(request, new Told()).result();
            write(result);
            if (json) {
                Json.print(result);
            } else {
                System.out.printf(
                        "%s: %s (%s), written to %s%n",
                        request.name(),
                        AdapterReading.word(result.verdict()),
                        result.reason(),
                        out);
            }
            return ExitCode.OK;
        }
    }

    private void write(AlignResult result) {
        result.files()
                .forEach(
                        (network, file) ->
                                StoredCopy.write(
                                        store,
                                        file,
                                        out.resolve(network).resolve(DiffusersAdapter.FILE)));
        result.curves()
                .forEach(
                        (name, picture) ->
                                StoredCopy.write(store, picture, out.resolve(name + ".png")));
        if (result.report() != null) {
            StoredCopy.write(store, result.report(), out.resolve("report.zip"));
        }
    }

    /** One line per step on a terminal, one per ten elsewhere. */
    private static final class Told implements BatchListener {
        private final int every = Terminal.isWatched() ? 1 : 10;

        @Override
        public void progress(int item, int step, int of) {
            progress(item, step, of, Map.of());
        }

        @Override
        public void progress(int item, int step, int of, Map<String, Double> figures) {
            if (figures.containsKey("loss") && (step % every == 0 || step == of)) {
                System.err.println(StepLine.of(step, of, figures));
            }
        }

        @Override
        public boolean cancelled() {
            return Thread.currentThread().isInterrupted();
        }

        @Override
        public void loaded(String model, long millis) {
            System.err.printf("Ready in %d ms%n", millis);
        }
    }
}
