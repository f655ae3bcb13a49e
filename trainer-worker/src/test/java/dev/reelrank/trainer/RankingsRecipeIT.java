package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.alignment.train.FilePairs;
import dev.reelrank.alignment.train.FolderCheckpoints;
import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainedAdapters;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.alignment.train.TrainingListener;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The winners alone, in the noise of their losers, at one step: the recipe of the rankings. */
final class RankingsRecipeIT {
    private static final String LOW = "transformer_2";
    private static final List<String> ATTENTION = List.of("to_q", "to_k", "to_v", "to_out.0");
    private static final int STEPS = 4;

    @TempDir Path folder;

    private static AlignConfig recipe(List<Integer> scheduleSteps, double ownNoise) {
        return recipe(null, scheduleSteps, ownNoise);
    }

    private static AlignConfig recipe(
            @Nullable String model, List<Integer> scheduleSteps, double ownNoise) {
        var d = AlignConfig.defaults();
        return new AlignConfig(
                model,
                List.of(),
                "fp32",
                List.of(LOW),
                4,
                4,
                0,
                ATTENTION,
                1,
                STEPS,
                1e-3,
                "cosine",
                1,
                0,
                d.loss(),
                0,
                d.factor(),
                d.labelSmoothing(),
                1,
                "schedule",
                2,
                1,
                2,
                "kept",
                0,
                0,
                1,
                d.target(),
                d.motionTolerance(),
                d.guards(),
                scheduleSteps,
                ownNoise,
                null);
    }

    /** With the seeds 40, 41, … of the losers. */
    private static List<VideoPair> seeded(List<VideoPair> pairs) {
        var seeded = new ArrayList<VideoPair>();
        for (var p : pairs) {
            seeded.add(
                    new VideoPair(
                            p.id(),
                            p.source(),
                            p.sampleId(),
                            p.prompt(),
                            p.negativePrompt(),
                            p.image(),
                            p.winner(),
                            p.loser().withSeed(40L + seeded.size()),
                            p.margin(),
                            p.family(),
                            p.baseFingerprint(),
                            p.configuration()));
        }
        return seeded;
    }

    private AlignResult train(LocalStore store, List<VideoPair> pairs, AlignConfig config) {
        try (var runner =
                StageRunner.of(TinyTraining.stage(folder, store, List.of()), store, Device.CPU)) {
            var request = new TinyTraining(folder, store).request(pairs, config);
            return runner.run(request, BatchListener.NONE).result();
        }
    }

    private static Trainable tiny(Path models) {
        return (Trainable) GeneratorFamilies.all().open(models.resolve("wan"));
    }

    /** As the benchmark of the rankings trains: files of latents, and no farm. */
    private byte[] withoutAFarm(LocalStore store, List<VideoPair> pairs) throws Exception {
        var trainable = tiny(TinyTraining.models(folder));
        double[] schedule = trainable.timesteps();
        var files = new ArrayList<Path>();
        try (var encoder = trainable.encoder(Precision.FP32, TorchDevice.cpu())) {
            for (var pair : pairs) {
                try (var scope = TensorScope.inference()) {
                    var won = VideoReader.readAll(store.fetch(pair.winner().blob(), folder));
                    var lost = VideoReader.readAll(store.fetch(pair.loser().blob(), folder));
                    var image =
                            Images.read(store.fetch(Objects.requireNonNull(pair.image()), folder));
                    Path file = folder.resolve(pair.id() + ".pair");
                    new LatentPair(
                                    encoder.latents(won),
                                    encoder.latents(lost),
                                    encoder.condition(
                                            pair.prompt(),
                                            image,
                                            won.size(),
                                            won.get(0).width(),
                                            won.get(0).height()),
                                    pair.loser().seed())
                            .write(file);
                    files.add(file);
                }
            }
        }
        var settings =
                new TrainingSettings(
                        Precision.FP32,
                        List.of(),
                        new LoraConfig(4, 4, 0, ATTENTION),
                        1,
                        List.of(LOW),
                        null);
        var config =
                new TrainingConfig(
                        1,
                        new LearningRate(1e-3, LearningRate.Shape.COSINE, 1, STEPS),
                        new AdamW.Settings(0.9, 0.999, 1e-8, 0),
                        new PreferenceLoss(PreferenceLoss.Shape.SIGMOID, 0, 1, 0, 1),
                        Timesteps.of(new double[] {schedule[schedule.length - 1]}),
                        2,
                        1,
                        STEPS,
                        1,
                        TrainingConfig.Reference.OFF,
                        BlockPass.Memory.KEPT);
        Path adapter = folder.resolve("adapter.safetensors");
        try (var scope = TensorScope.inference();
                var model = trainable.train(settings, TorchDevice.cpu());
                var trainer =
                        new PreferenceTrainer(
                                List.of(model),
                                new FilePairs(files),
                                config,
                                new FolderCheckpoints(folder.resolve("checkpoints"), 2),
                                folder)) {
            trainer.run(TrainingListener.NONE);
            DiffusersAdapter.write(
                    adapter,
                    DiffusersAdapter.prefix(LOW),
                    Objects.requireNonNull(TrainedAdapters.of(model).get(LOW)));
        }
        return Files.readAllBytes(adapter);
    }

    @Test
    void shouldBeTrainedByAWorkerAsByTheBenchmarkByteForByte() throws Exception {
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var pairs = seeded(new TinyTraining(folder, store).pairs(3));
            int last = tiny(TinyTraining.models(folder)).timesteps().length - 1;
            var result = train(store, pairs, recipe(List.of(last), 1));
            assertThat(result.files().keySet()).containsExactly(LOW);
            byte[] trained = Files.readAllBytes(store.fetch(result.files().get(LOW), folder));
            assertThat(trained).isEqualTo(withoutAFarm(store, pairs));
            assertThat(result.figures().get("loss")).isPositive();
            assertThat(result.figures()).doesNotContainKeys("accuracy", "winnerReward");
            // The losers' noise counts, and so does which it was.
            var drawn = train(store, pairs, recipe(List.of(last), 0));
            assertThat(drawn.files().get(LOW)).isNotEqualTo(result.files().get(LOW));
            var others = seeded(pairs.subList(1, 3));
            others.add(0, pairs.get(0));
            var other = train(store, others, recipe(List.of(last), 1));
            assertThat(other.files().get(LOW)).isNotEqualTo(result.files().get(LOW));
        }
    }

    @Test
    void shouldNameWhatThePairsAndTheScheduleDoNotHave() throws Exception {
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var pairs = new TinyTraining(folder, store).pairs(1);
            assertThatThrownBy(() -> train(store, pairs, recipe(List.of(), 1)))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE))
                    .hasMessageContaining("no pair says which seed its loser was generated from");
            assertThatThrownBy(() -> train(store, seeded(pairs), recipe(List.of(999), 1)))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE))
                    .hasMessageContaining("align.scheduleSteps names the step 999");
        }
    }

    @Test
    void shouldRefuseTheLosersNoiseOfAFamilyThatDrawsMoreFromASeed() throws Exception {
        try (var store = LocalStore.open(folder.resolve("store"));
                var runner =
                        StageRunner.of(
                                TinyTraining.stage(folder, store, List.of()), store, Device.CPU)) {
            var tiny = new TinyTraining(folder, store, "cogvideox");
            var request = tiny.request(seeded(tiny.pairs(1)), recipe("cogvideox", List.of(), 0.5));
            assertThatThrownBy(() -> runner.run(request, BatchListener.NONE))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE))
                    .hasMessageContaining("align.ownNoise is 0.5, but ")
                    .hasMessageEndingWith(
                            "of family cogvideox, draws more than a video's noise from its seed: set it to 0");
        }
    }
}
