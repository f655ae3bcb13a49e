package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.alignment.curve.EventFile;
import dev.reelrank.alignment.train.FilePairs;
import dev.reelrank.alignment.train.FolderCheckpoints;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.alignment.train.TrainedAdapters;
import dev.reelrank.alignment.train.TrainingCurves;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** From files of encoded pairs to a folder of adapters that the generator merges. */
final class AdapterTraining {
    /** File of an expert's adapter, by the expert's folder. */
    private static final Map<String, String> FILES =
            Map.of(
                    Recipe.HIGH, "high_noise_model.safetensors",
                    Recipe.LOW, "low_noise_model.safetensors");

    private static final int CHECKPOINTS = 2;
    private static final String PREFIX = "transformer";
    private static final String STEPS = "steps.jsonl";

    /** Exists when a training has ended; names its recipe and its pairs. */
    private static final String FINISHED = "finished";

    private static final String ON = " on ";

    private AdapterTraining() {}

    /**
     * Trains, or goes on where an earlier call ended.
     *
     * @param worn LoRAs that belong to the base
     * @param stored type of the adapter's numbers in its files; its training is in float32
     * @param folder takes adapters, curves, events and checkpoints
     * @return the LoRAs to merge beside the base's
     */
    static List<LoraSpec> run(
            Trainable model,
            List<LoraSpec> worn,
            List<Path> pairs,
            Recipe recipe,
            DType stored,
            Workers workers,
            Path folder,
            Consumer<String> progress)
            throws IOException {
        Files.createDirectories(folder);
        Path finished = folder.resolve(FINISHED);
        String identity = recipe + ON + new FilePairs(pairs).fingerprint();
        if (Files.exists(finished)) {
            requireSame(folder, identity, Files.readString(finished));
        } else {
            var settings =
                    new TrainingSettings(
                            Precision.FP32, worn, recipe.lora(), 1, recipe.networks(), null);
            try (var scope = TensorScope.inference();
                    var replicas = new ModelReplicas(model, settings, places(workers, recipe));
                    var events =
                            EventFile.create(folder.resolve("events"), "bench", Clock.systemUTC());
                    var trainer =
                            new PreferenceTrainer(
                                    replicas.all(),
                                    new FilePairs(pairs),
                                    recipe.config(1),
                                    new FolderCheckpoints(
                                            folder.resolve("checkpoints"), CHECKPOINTS),
                                    folder)) {
                var steps = new StepFile(folder.resolve(STEPS));
                var curves = new TrainingCurves(events, steps.read());
                trainer.run(report -> heard(report, steps, curves, progress));
                curves.draw(folder);
                TrainedAdapters.of(replicas.all().get(0))
                        .forEach(
                                (network, adapter) ->
                                        DiffusersAdapter.write(
                                                folder.resolve(FILES.get(network)),
                                                PREFIX,
                                                as(stored, adapter)));
            }
            Files.writeString(finished, identity);
        }
        return adapters(recipe, folder);
    }

    /**
     * What an earlier call trained by this recipe in the folder, on whichever pairs; empty where no
     * training ended.
     */
    static Optional<List<LoraSpec>> finished(Recipe recipe, Path folder) throws IOException {
        return ended(folder) && Files.readString(folder.resolve(FINISHED)).startsWith(recipe + ON)
                ? Optional.of(adapters(recipe, folder))
                : Optional.empty();
    }

    private static List<LoraSpec> adapters(Recipe recipe, Path folder) {
        return recipe.networks().stream()
                .map(network -> new LoraSpec(folder.resolve(FILES.get(network)), 1))
                .toList();
    }

    /** Whether a training has ended here. */
    static boolean ended(Path folder) {
        return Files.exists(folder.resolve(FINISHED));
    }

    /**
     * The adapter of a training that has ended, without its pairs.
     *
     * @param folder in which one has ended
     * @throws StageException INVALID_CONFIG when it was another recipe's
     */
    static List<LoraSpec> ended(Recipe recipe, Path folder) throws IOException {
        String found = Files.readString(folder.resolve(FINISHED));
        return finished(recipe, folder)
                .orElseThrow(() -> otherTraining(folder, recipe.toString(), found));
    }

    /** Seconds of all steps of a folder, whichever call did them. */
    static long seconds(Path folder) {
        return Math.round(
                new StepFile(folder.resolve(STEPS))
                        .read().stream().mapToDouble(StepReport::seconds).sum());
    }

    /** A replica for each pair of a step, as far as there are workers. */
    private static List<Device> places(Workers workers, Recipe recipe) {
        return workers.places().subList(0, Math.min(workers.count(), recipe.passes()));
    }

    private static NetworkAdapter as(DType type, NetworkAdapter adapter) {
        var tensors = new LinkedHashMap<String, Tensor>();
        adapter.tensors().forEach((name, tensor) -> tensors.put(name, Ops.to(tensor, type)));
        return new NetworkAdapter(adapter.rank(), adapter.alpha(), tensors);
    }

    /** Clips that were compared before belong to the adapter that was trained before. */
    private static void requireSame(Path folder, String wanted, String found) {
        if (!wanted.equals(found)) {
            throw otherTraining(folder, wanted, found);
        }
    }

    private static StageException otherTraining(Path folder, String wanted, String found) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s holds an adapter of another training (%s), not of this one (%s): give another --work"
                        .formatted(folder, found, wanted));
    }

    private static boolean heard(
            StepReport report, StepFile steps, TrainingCurves curves, Consumer<String> progress) {
        steps.add(report);
        curves.add(report);
        progress.accept(
                "step %d of %d: loss %.4f, margin %.3f, winner %+.5f, %.1f s"
                        .formatted(
                                report.step(),
                                report.steps(),
                                report.loss(),
                                report.margin(),
                                report.winnerError() - report.referenceWinnerError(),
                                report.seconds()));
        return true;
    }
}
