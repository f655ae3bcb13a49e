package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass.Memory;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LearningRate.Shape;
import dev.reelrank.torch.train.LoraConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreferenceTrainerIT {
    private static final LoraConfig DROPPING = new LoraConfig(4, 8, 0.1, TinyWan.LORA.targets());

    @TempDir Path folder;

    private static TrainingConfig config(int steps, double rate, int every) {
        return config(steps, rate, every, TrainingConfig.Reference.OFF);
    }

    private static TrainingConfig config(
            int steps, double rate, int every, TrainingConfig.Reference reference) {
        return new TrainingConfig(
                11,
                new LearningRate(rate, Shape.CONSTANT, 2, steps),
                AdamW.Settings.DEFAULT,
                PreferenceLoss.sigmoid(10),
                Timesteps.uniform(),
                2,
                1,
                every,
                0,
                reference,
                Memory.RECOMPUTED);
    }

    private FolderCheckpoints checkpoints(String name) {
        return new FolderCheckpoints(folder.resolve(name), 3);
    }

    private PreferenceTrainer trainer(
            List<TrainableModel> replicas, TrainingConfig config, Checkpoints checkpoints) {
        return new PreferenceTrainer(replicas, TinyWan.pairs(), config, checkpoints, folder);
    }

    /** The bytes of every adapter. */
    private static Map<String, byte[]> adapters(TrainableModel model) {
        var found = new TreeMap<String, byte[]>();
        try (var scope = TensorScope.open()) {
            for (var network : model.networks()) {
                network.adapters()
                        .tensors()
                        .forEach(
                                (name, leaf) ->
                                        found.put(
                                                network.name() + " " + name,
                                                Ops.bytes(
                                                        leaf.detach()
                                                                .view(
                                                                        org.bytedeco.pytorch.global
                                                                                .torch.ScalarType
                                                                                .Byte))));
            }
        }
        return found;
    }

    private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> wanted) {
        assertThat(actual.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((name, bytes) -> assertThat(actual.get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void shouldTakeTheTenStepsOfPyTorchAndPeft() {
        try (var wanted = SafetensorsFile.open(TinyWan.FIXTURES.resolve("steps.safetensors"));
                var model = TinyWan.load(Precision.FP32, "transformer_2");
                var trainer =
                        new PreferenceTrainer(
                                List.of(model),
                                TinyWan.pairs(),
                                config(10, 2e-3, 10),
                                checkpoints("ten"),
                                folder,
                                (network, step, pass) -> {
                                    long n = 2 * step + pass;
                                    return new Draw((int) (n % 3), 50 + 40 * n, 1000 + n, 0);
                                })) {
            TinyWan.draw(model.networks().get(0), 0);
            var reports = new ArrayList<StepReport>();
            var outcome = trainer.run(reports::add);
            assertThat(outcome).isEqualTo(new PreferenceTrainer.Outcome(10, true));
            float[] losses = Ops.floats(wanted.tensor("losses"));
            float[] norms = Ops.floats(wanted.tensor("norms"));
            assertThat(reports).hasSize(10);
            assertThat(reports.get(0).loss()).isEqualTo(Math.log(2));
            for (int i = 0; i < 10; i++) {
                assertThat(reports.get(i).loss()).isCloseTo(losses[i], withinPercentage(0.05));
                assertThat(reports.get(i).gradientNorm())
                        .isCloseTo(norms[i], withinPercentage(0.1));
            }
            for (var leaf : model.networks().get(0).adapters().tensors().entrySet()) {
                float[] numbers = Ops.floats(leaf.getValue().detach());
                assertThat(numbers)
                        .as(leaf.getKey())
                        .containsExactly(Ops.floats(wanted.tensor(leaf.getKey())), within(1e-4f));
            }
        }
    }

    @Test
    void shouldEndWithTheSameBytesAfterAnInterruption() throws IOException {
        Map<String, byte[]> undisturbed;
        byte[] lastState;
        try (var model = TinyWan.load(Precision.FP32, DROPPING);
                var trainer = trainer(List.of(model), config(6, 1e-3, 2), checkpoints("whole"))) {
            trainer.run(TrainingListener.NONE);
            undisturbed = adapters(model);
            lastState = Files.readAllBytes(checkpoints("whole").newestFirst().get(0).file());
        }
        var store = checkpoints("interrupted");
        try (var model = TinyWan.load(Precision.FP32, DROPPING);
                var trainer = trainer(List.of(model), config(6, 1e-3, 2), store)) {
            // As a kill would: nothing is stored after step 2.
            assertThatThrownBy(
                            () ->
                                    trainer.run(
                                            report -> {
                                                if (report.step() == 3) {
                                                    throw new IllegalStateException("killed");
                                                }
                                                return true;
                                            }))
                    .hasMessage("killed");
        }
        try (var model = TinyWan.load(Precision.FP32, DROPPING);
                var trainer = trainer(List.of(model), config(6, 1e-3, 2), store)) {
            var outcome = trainer.run(report -> report.step() < 5);
            assertThat(outcome).isEqualTo(new PreferenceTrainer.Outcome(5, false));
        }
        try (var model = TinyWan.load(Precision.FP32, DROPPING);
                var trainer = trainer(List.of(model), config(6, 1e-3, 2), store)) {
            var steps = new ArrayList<Long>();
            trainer.run(report -> steps.add(report.step()));
            assertThat(steps).containsExactly(6L);
            assertSame(adapters(model), undisturbed);
            assertThat(Files.readAllBytes(store.newestFirst().get(0).file())).isEqualTo(lastState);
        }
    }

    @Test
    void shouldTrainANewAdapterAgainstItsCopyAsAgainstTheBase() {
        var ended = new ArrayList<Map<String, byte[]>>();
        var reports = new ArrayList<List<StepReport>>();
        for (var reference : TrainingConfig.Reference.values()) {
            try (var model = TinyWan.load(Precision.FP32, DROPPING);
                    var trainer =
                            trainer(
                                    List.of(model),
                                    config(4, 1e-3, 4, reference),
                                    checkpoints("new-" + reference))) {
                var heard = new ArrayList<StepReport>();
                trainer.run(heard::add);
                reports.add(heard);
                ended.add(adapters(model));
            }
        }
        assertSame(ended.get(1), ended.get(0));
        assertThat(reports.get(1).get(0).loss()).isEqualTo(Math.log(2));
        for (int i = 0; i < 4; i++) {
            assertThat(reports.get(1).get(i).referenceLoserError())
                    .isEqualTo(reports.get(0).get(i).referenceLoserError());
        }
    }

    @Test
    void shouldKeepTheParentAsReferenceWhateverIsTrainedAndAfterAnInterruption() {
        // Every pass is of the same pair, noise and timestep: only the adapter changes.
        Draws same = (network, step, pass) -> new Draw(1, 420, 77, 0);
        var store = checkpoints("parent");
        var reports = new ArrayList<StepReport>();
        for (int until : new int[] {3, 5}) {
            try (var model = TinyWan.load(Precision.FP32, "transformer_2")) {
                TinyWan.draw(model.networks().get(0), 0.1);
                try (var trainer =
                        new PreferenceTrainer(
                                List.of(model),
                                TinyWan.pairs(),
                                config(5, 1e-2, 1, TrainingConfig.Reference.COPY),
                                store,
                                folder,
                                same)) {
                    trainer.run(report -> reports.add(report) && report.step() < until);
                }
            }
        }
        assertThat(reports).extracting(StepReport::step).containsExactly(1L, 2L, 3L, 4L, 5L);
        var first = reports.get(0);
        assertThat(first.loss()).isEqualTo(Math.log(2));
        assertThat(first.winnerError()).isEqualTo(first.referenceWinnerError());
        for (var report : reports) {
            assertThat(report.referenceWinnerError()).isEqualTo(first.referenceWinnerError());
            assertThat(report.referenceLoserError()).isEqualTo(first.referenceLoserError());
        }
        assertThat(reports.get(4).winnerError()).isNotEqualTo(first.winnerError());
        try (var model = TinyWan.load(Precision.FP32, "transformer_2");
                var trainer =
                        new PreferenceTrainer(
                                List.of(model),
                                TinyWan.pairs(),
                                config(2, 1e-2, 1),
                                checkpoints("base"),
                                folder,
                                same)) {
            TinyWan.draw(model.networks().get(0), 0.1);
            trainer.run(reports::add);
        }
        assertThat(reports.get(5).winnerError()).isEqualTo(first.winnerError());
        assertThat(reports.get(5).referenceWinnerError())
                .as("of the base without the parent")
                .isNotEqualTo(first.referenceWinnerError());
    }

    @Test
    void shouldTrainOnTwoReplicasAsOnOneDevice() {
        Map<String, byte[]> alone;
        try (var model = TinyWan.load(Precision.FP32, DROPPING);
                var trainer = trainer(List.of(model), config(4, 1e-3, 4), checkpoints("one"))) {
            trainer.run(TrainingListener.NONE);
            alone = adapters(model);
        }
        try (var first = TinyWan.load(Precision.FP32, DROPPING);
                var second = TinyWan.load(Precision.FP32, DROPPING);
                var trainer =
                        trainer(List.of(first, second), config(4, 1e-3, 4), checkpoints("two"))) {
            trainer.run(TrainingListener.NONE);
            assertSame(adapters(first), alone);
            assertSame(adapters(second), alone);
        }
    }

    @Test
    void shouldGoOnFromAnOlderCheckpointWhenTheNewestIsTruncated() throws IOException {
        var store = checkpoints("damaged");
        try (var model = TinyWan.load(Precision.FP32);
                var trainer = trainer(List.of(model), config(4, 1e-3, 1), store)) {
            trainer.run(report -> report.step() < 3);
        }
        try (var file = new RandomAccessFile(store.newestFirst().get(0).file().toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        var heard = new ArrayList<String>();
        try (var model = TinyWan.load(Precision.FP32);
                var trainer = trainer(List.of(model), config(4, 1e-3, 1), store)) {
            trainer.run(
                    new TrainingListener() {
                        @Override
                        public boolean step(StepReport report) {
                            heard.add("step " + report.step());
                            return true;
                        }

                        @Override
                        public void damaged(long step, String problem) {
                            assertThat(problem).contains("truncated");
                            heard.add("damaged " + step);
                        }

                        @Override
                        public void resumed(long step) {
                            heard.add("resumed " + step);
                        }
                    });
        }
        assertThat(heard).containsExactly("damaged 3", "resumed 2", "step 3", "step 4");
    }

    @Test
    void shouldRefuseACheckpointOfAnotherTraining() {
        var store = checkpoints("other");
        try (var model = TinyWan.load(Precision.FP32);
                var trainer = trainer(List.of(model), config(2, 1e-3, 1), store)) {
            trainer.run(TrainingListener.NONE);
        }
        try (var model = TinyWan.load(Precision.FP32);
                var trainer = trainer(List.of(model), config(2, 2e-3, 1), store)) {
            assertThatThrownBy(() -> trainer.run(TrainingListener.NONE))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("of another training")
                    .extracting("code")
                    .isEqualTo(FailureCode.INVALID_CONFIG);
        }
    }

    @Test
    void shouldStopAndKeepTheLastGoodCheckpointWhenItDiverges() {
        var store = checkpoints("diverged");
        try (var model = TinyWan.load(Precision.FP32);
                var trainer = trainer(List.of(model), config(50, 1e25, 1), store)) {
            var steps = new ArrayList<Long>();
            assertThatThrownBy(() -> trainer.run(report -> steps.add(report.step())))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("stopped at step " + (steps.size() + 1) + " of 50")
                    .hasMessageContaining("lower learning rate")
                    .extracting("code")
                    .isEqualTo(FailureCode.INVALID_CONFIG);
            assertThat(store.newestFirst().get(0).step()).isEqualTo(steps.size());
        }
    }

    @Test
    void shouldNameADamagedPair() {
        var pairs =
                new TrainingPairs() {
                    @Override
                    public int size() {
                        return 1;
                    }

                    @Override
                    public String name(int index) {
                        return "pair-57";
                    }

                    @Override
                    public LatentPair pair(int index) {
                        LatentPair good = TinyWan.pair(1, 2, 3);
                        Tensor broken = good.loser().clone();
                        broken.select(1, 0).fill_(new org.bytedeco.pytorch.Scalar(Double.NaN));
                        return new LatentPair(good.winner(), broken, good.condition());
                    }

                    @Override
                    public String fingerprint() {
                        return "broken";
                    }
                };
        try (var model = TinyWan.load(Precision.FP32, "transformer_2");
                var trainer =
                        new PreferenceTrainer(
                                List.of(model),
                                pairs,
                                config(2, 1e-3, 1),
                                checkpoints("pair"),
                                folder)) {
            assertThatThrownBy(() -> trainer.run(TrainingListener.NONE))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("pair-57")
                    .hasMessageContaining("loser holds numbers that are not finite");
        }
    }

    @Test
    void shouldSayThatTheDiskIsFullAndKeepWhatWasStored() throws IOException {
        var store = checkpoints("full");
        try (var model = TinyWan.load(Precision.FP32, "transformer_2");
                var trainer = trainer(List.of(model), config(3, 1e-3, 1), store)) {
            trainer.run(report -> report.step() < 1);
        }
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        try (var model = TinyWan.load(Precision.FP32, "transformer_2");
                var trainer =
                        new PreferenceTrainer(
                                List.of(model), TinyWan.pairs(), config(3, 1e-3, 1), store, file)) {
            assertThatThrownBy(() -> trainer.run(TrainingListener.NONE))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("cannot write the state of step 2")
                    .extracting("code")
                    .isEqualTo(FailureCode.OUT_OF_DISK);
        }
        assertThat(store.newestFirst()).extracting(Checkpoints.Stored::step).containsExactly(1L);
    }

    @Test
    void shouldGoThroughEveryPairInEachEpoch() {
        try (var model = TinyWan.load(Precision.FP32, "transformer")) {
            var network = model.networks().get(0);
            var draws = new SeededDraws(3, 5, 1, Timesteps.uniform());
            var seen = new TreeMap<Integer, Integer>();
            for (int step = 0; step < 15; step++) {
                Draw draw = draws.draw(network, step, 0);
                assertThat(draws.draw(network, step, 0)).isEqualTo(draw);
                assertThat(network.noise().contains(draw.timestep())).isTrue();
                seen.merge(draw.pair(), 1, Integer::sum);
            }
            assertThat(seen.values()).containsExactly(3, 3, 3, 3, 3);
            var few = new SeededDraws(3, 5, 1, Timesteps.of(new double[] {1000, 950, 300}));
            var drawn = new java.util.TreeSet<Double>();
            for (int step = 0; step < 20; step++) {
                drawn.add(few.draw(network, step, 0).timestep());
            }
            assertThat(drawn).containsExactly(950.0, 1000.0);
            var none = new SeededDraws(3, 5, 1, Timesteps.of(new double[] {300}));
            assertThatThrownBy(() -> none.draw(network, 0, 0))
                    .hasMessageContaining("no timestep between 900.0 and 1000.0");
        }
    }
}
