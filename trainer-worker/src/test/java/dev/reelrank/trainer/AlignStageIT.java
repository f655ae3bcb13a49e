package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlignStageIT {
    @TempDir Path folder;

    private LocalStore store(String name) {
        return LocalStore.open(folder.resolve(name));
    }

    private AlignResult train(LocalStore store, AlignRequest request, BatchListener listener) {
        return train(store, request, listener, List.of());
    }

    private AlignResult train(
            LocalStore store, AlignRequest request, BatchListener listener, List<Device> more) {
        try (var runner =
                StageRunner.of(TinyTraining.stage(folder, store, more), store, Device.CPU)) {
            return runner.run(request, listener).result();
        }
    }

    private static Map<String, String> hashes(AlignResult result) {
        var hashes = new java.util.TreeMap<String, String>();
        result.files().forEach((network, blob) -> hashes.put(network, blob.sha256()));
        return hashes;
    }

    private static void assertFails(
            FailureCode code,
            String message,
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void shouldTrainAnAdapterForEachExpertAndTellEveryStep() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(4), TinyTraining.config(6, 3, 1e-3, 0.25));
            var steps = new Steps(Integer.MAX_VALUE);
            var result = train(store, request, steps);
            assertThat(result.files().keySet()).containsExactly("transformer", "transformer_2");
            assertThat(result.files().get("transformer").sha256())
                    .isNotEqualTo(result.files().get("transformer_2").sha256());
            assertThat(result.trained()).isEqualTo(3);
            assertThat(result.heldOut()).isEqualTo(1);
            assertThat(result.steps()).isEqualTo(6);
            assertThat(result.family()).isEqualTo("wan");
            assertThat(result.baseFingerprint()).hasSize(64);
            assertThat(result.curves().keySet()).containsExactly("accuracy", "loss", "rewards");
            assertThat(steps.steps).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(steps.figures.get(0).get("loss")).isEqualTo(Math.log(2));
            assertThat(steps.figures.get(0).keySet())
                    .contains(
                            "winnerReward",
                            "loserReward",
                            "margin",
                            "accuracy",
                            "gradientNorm",
                            "learningRate",
                            "secondsPerStep",
                            "memoryBytes");
            assertThat(result.verdict())
                    .isIn(
                            dev.reelrank.pipeline.stage.AdapterState.ACCEPTED,
                            dev.reelrank.pipeline.stage.AdapterState.REJECTED);
            assertThat(result.reason()).contains("warping_error");
            assertThat(result.figures()).containsKeys("base.motion", "adapter.warping_error");
            assertThat(zipEntries(store.fetch(result.report(), folder)))
                    .contains("index.html", "report.json", "loss.png");
            for (BlobRef blob : result.blobs()) {
                assertThat(store.holds(blob)).isTrue();
            }
        }
    }

    @Test
    void shouldCompareAModelThatSeesNoImageOnSamplesThatHaveOne() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store, "animatediff");
            var config = TinyTraining.config("animatediff", 2, 2, 1e-3, 0.5);
            var result = train(store, tiny.request(tiny.pairs(2), config), BatchListener.NONE);
            assertThat(result.family()).isEqualTo("animatediff");
            assertThat(result.heldOut()).isEqualTo(1);
            assertThat(result.figures()).containsKeys("base.motion", "adapter.motion");
        }
    }

    private static List<String> zipEntries(Path zip) throws IOException {
        try (var file = new java.util.zip.ZipFile(zip.toFile())) {
            return file.stream().map(java.util.zip.ZipEntry::getName).toList();
        }
    }

    @Test
    void shouldGoOnFromTheLastStoredStateWithTheSameAdapterByteForByte() throws Exception {
        var config = TinyTraining.config(7, 2, 1e-3, 0);
        Map<String, String> undisturbed;
        try (var store = store("undisturbed")) {
            var tiny = new TinyTraining(folder, store);
            undisturbed =
                    hashes(train(store, tiny.request(tiny.pairs(3), config), BatchListener.NONE));
        }
        try (var store = store("drained")) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(3), config);
            assertThatThrownBy(() -> train(store, request, new Steps(3)))
                    .hasMessageContaining("stopped after step 3 of 7; the state is stored");
            var rest = new Steps(Integer.MAX_VALUE);
            var result = train(store, request, rest);
            assertThat(rest.steps).containsExactly(4, 5, 6, 7);
            assertThat(hashes(result)).isEqualTo(undisturbed);
            assertThat(result.figures()).containsKey("loss");
        }
        try (var store = store("damaged")) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(3), config);
            assertThatThrownBy(() -> train(store, request, new Steps(5)))
                    .hasMessageContaining("stopped after step 5");
            Path newest = draft("damaged", "checkpoint-5.safetensors");
            byte[] bytes = Files.readAllBytes(newest);
            Files.write(newest, Arrays.copyOf(bytes, bytes.length / 2));
            var rest = new Steps(Integer.MAX_VALUE);
            assertThat(hashes(train(store, request, rest))).isEqualTo(undisturbed);
            assertThat(rest.steps).containsExactly(5, 6, 7);
        }
        try (var store = store("full")) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(3), config);
            var filling =
                    new Steps(Integer.MAX_VALUE) {
                        @Override
                        public void progress(
                                int item, int step, int of, Map<String, Double> latest) {
                            super.progress(item, step, of, latest);
                            if (step == 5) {
                                reserve(Long.MAX_VALUE);
                            }
                        }
                    };
            assertFails(
                    FailureCode.OUT_OF_DISK,
                    "free some room there",
                    () -> train(store, request, filling));
            assertThat(filling.steps).containsExactly(1, 2, 3, 4, 5, 6);
            reserve(0);
            var rest = new Steps(Integer.MAX_VALUE);
            assertThat(hashes(train(store, request, rest))).isEqualTo(undisturbed);
            assertThat(rest.steps).containsExactly(5, 6, 7);
        }
        try (var store = store("replicas")) {
            var tiny = new TinyTraining(folder, store);
            var result =
                    train(
                            store,
                            tiny.request(tiny.pairs(3), config),
                            BatchListener.NONE,
                            List.of(Device.CPU));
            assertThat(hashes(result)).isEqualTo(undisturbed);
        }
    }

    /** The store refuses to write when fewer bytes are free. */
    private void reserve(long bytes) {
        try {
            Files.writeString(
                    folder.resolve("full").resolve("store.properties"), "reserve.bytes=" + bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path draft(String store, String name) throws IOException {
        try (var files = Files.walk(folder.resolve(store).resolve("drafts"))) {
            return files.filter(f -> f.getFileName().toString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void shouldEncodeEachPairOnce() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var pairs = tiny.pairs(2);
            train(
                    store,
                    tiny.request(pairs, TinyTraining.config(1, 1, 1e-3, 0)),
                    BatchListener.NONE);
            long before = blobs();
            var again = tiny.request(pairs, TinyTraining.config(2, 1, 1e-3, 0));
            var result = train(store, again, BatchListener.NONE);
            // Its adapters, pictures and events are new; no pair is.
            assertThat(blobs() - before).isLessThanOrEqualTo(result.blobs().size());
        }
    }

    private long blobs() throws IOException {
        try (var files = Files.list(folder.resolve("store").resolve("blobs"))) {
            return files.count();
        }
    }

    @Test
    void shouldGoOnFromAParentAndMergeAnAdapterIntoTheBase() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            // Enough for both experts to be trained: a LoRA that is zero for one of them is
            // refused.
            var config = TinyTraining.config(8, 4, 1e-3, 0);
            var first = train(store, tiny.request(tiny.pairs(2), config), BatchListener.NONE);
            var parent = new AdapterRef("smooth", 1, first.files());
            var second =
                    train(
                            store,
                            tiny.request(tiny.pairs(2), config, first.baseFingerprint(), parent),
                            BatchListener.NONE);
            assertThat(hashes(second)).isNotEqualTo(hashes(first));
            var merged =
                    config.withLoras(
                            List.of(
                                    new CandidateConfig.Lora(
                                            "adapter:smooth@1",
                                            1,
                                            first.files(),
                                            first.baseFingerprint())));
            var third = train(store, tiny.request(tiny.pairs(2), merged), BatchListener.NONE);
            assertThat(hashes(third)).isNotEqualTo(hashes(first));
            var other =
                    config.withLoras(
                            List.of(
                                    new CandidateConfig.Lora(
                                            "adapter:smooth@1", 1, first.files(), "other")));
            assertFails(
                    FailureCode.MODEL_MISMATCH,
                    "adapter:smooth@1 was trained on a generator with the fingerprint other",
                    () -> train(store, tiny.request(tiny.pairs(2), other), BatchListener.NONE));
        }
    }

    @Test
    void shouldTrainOnPairsThatFlowDrew() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var drawn = new ArrayList<PairFacts>();
            for (VideoPair pair : tiny.pairs(2)) {
                drawn.add(
                        new PairFacts(
                                "ranking",
                                pair.sampleId(),
                                pair.prompt(),
                                pair.image(),
                                pair.winner().blob(),
                                pair.loser().blob(),
                                0.1,
                                "wan",
                                "",
                                CandidateConfig.defaults(),
                                null));
            }
            var request =
                    new AlignRequest(
                            "smooth",
                            "wan",
                            "",
                            null,
                            null,
                            List.of(),
                            drawn,
                            TinyTraining.config(1, 1, 1e-3, 0));
            var result = train(store, request, BatchListener.NONE);
            assertThat(result.trained()).isEqualTo(2);
            assertThat(store.holds(result.pairs())).isTrue();
        }
    }

    @Test
    void shouldNameWhatIsWrongWithItsInput() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            AlignConfig config = TinyTraining.config(1, 1, 1e-3, 0);
            assertFails(
                    FailureCode.INVALID_SAMPLE,
                    "there is no pair to train on",
                    () -> train(store, tiny.request(List.of(), config), BatchListener.NONE));
            var a = tiny.video(1);
            var b = tiny.video(2);
            assertFails(
                    FailureCode.INVALID_SAMPLE,
                    "it contradicts pair 1",
                    () ->
                            train(
                                    store,
                                    tiny.request(
                                            List.of(tiny.pair(1, a, b), tiny.pair(1, b, a)),
                                            config),
                                    BatchListener.NONE));
            assertFails(
                    FailureCode.INVALID_SAMPLE,
                    "needs at least 2",
                    () ->
                            train(
                                    store,
                                    tiny.request(
                                            List.of(tiny.pair(1, a, b)),
                                            TinyTraining.config(1, 1, 1e-3, 0.2)),
                                    BatchListener.NONE));
            assertFails(
                    FailureCode.MODEL_MISMATCH,
                    "is for a generator with the fingerprint 0000",
                    () ->
                            train(
                                    store,
                                    tiny.request(List.of(tiny.pair(1, a, b)), config, "0000", null),
                                    BatchListener.NONE));
            var broken = store.putBlob(new byte[] {1, 2, 3}, "video/mp4");
            assertFails(
                    FailureCode.UNREADABLE_VIDEO,
                    "pair 2 (",
                    () ->
                            train(
                                    store,
                                    tiny.request(
                                            List.of(tiny.pair(1, a, b), tiny.pair(2, a, broken)),
                                            config),
                                    BatchListener.NONE));
            var gone = new BlobRef("store:blobs/" + "0".repeat(64), "0".repeat(64), 9, "video/mp4");
            assertFails(
                    FailureCode.INPUT_LOST,
                    "is gone",
                    () ->
                            train(
                                    store,
                                    tiny.request(List.of(tiny.pair(1, a, gone)), config),
                                    BatchListener.NONE));
        }
    }

    @Test
    void shouldNameTheBrokenVideoOfPair57() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var a = tiny.video(1);
            var b = tiny.video(2);
            var pairs = new ArrayList<VideoPair>();
            for (int i = 1; i <= 60; i++) {
                pairs.add(
                        i == 57
                                ? tiny.pair(i, a, store.putBlob(new byte[] {1, 2}, "video/mp4"))
                                : tiny.pair(i, a, b));
            }
            var request = tiny.request(pairs, TinyTraining.config(1, 1, 1e-3, 0));
            var steps = new Steps(Integer.MAX_VALUE);
            assertFails(
                    FailureCode.UNREADABLE_VIDEO,
                    "pair 57 (" + pairs.get(56).id() + "): its loser cannot be read",
                    () -> train(store, request, steps));
            assertThat(steps.steps).as("nothing was trained on the other 59").isEmpty();
        }
    }

    /** Says of a clip what can be measured without models: how bright it is. */
    private static final class Brightness implements ClipJudges {
        private final double sign;

        Brightness(double sign) {
            this.sign = sign;
        }

        @Override
        public void check(
                java.util.Set<String> figures,
                dev.reelrank.worker.models.ModelFolders folders,
                Device device) {
            assertThat(figures).containsExactly("identity");
        }

        @Override
        public ClipJudge open(
                java.util.Set<String> figures,
                dev.reelrank.worker.models.ModelFolders folders,
                Device device,
                int cores) {
            return new ClipJudge() {
                @Override
                public List<Map<String, Double>> judge(
                        dev.reelrank.pipeline.RgbImage image, String prompt, List<Path> clips) {
                    assertThat(image).isNotNull();
                    assertThat(prompt).startsWith("a cat sails");
                    assertThat(clips).hasSize(2);
                    return clips.stream().map(c -> Map.of("identity", sign * bright(c))).toList();
                }

                @Override
                public void close() {}
            };
        }

        private static double bright(Path clip) {
            double sum = 0;
            int count = 0;
            for (var frame : dev.reelrank.video.VideoReader.readAll(clip)) {
                for (byte value : frame.rgb()) {
                    sum += value & 0xff;
                    count++;
                }
            }
            return sum / count / 255;
        }
    }

    @Test
    void shouldGuardWhatOtherModelsMeasure() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var pairs = tiny.pairs(4);
            var config =
                    AlignFigures.guarded(
                            TinyTraining.config(6, 3, 1e-3, 0.25), Map.of("identity", 0.0));
            assertFails(
                    FailureCode.INVALID_SAMPLE,
                    "align.guards and align.target name [identity], which this process cannot measure",
                    () -> train(store, tiny.request(pairs, config), BatchListener.NONE));
            // Whichever way the brightness goes, one of two opposite judges loses.
            var reasons = new StringBuilder();
            for (double sign : new double[] {1, -1}) {
                try (var runner =
                        StageRunner.of(
                                TinyTraining.stage(folder, store, List.of(), new Brightness(sign)),
                                store,
                                Device.CPU)) {
                    // Another configuration, so that the stored result is not found.
                    var other =
                            AlignFigures.guarded(config, Map.of("identity", sign > 0 ? 0.0 : 1e-9));
                    var result =
                            runner.run(tiny.request(pairs, other), BatchListener.NONE).result();
                    assertThat(result.figures()).containsKeys("base.identity", "adapter.identity");
                    reasons.append(result.reason());
                }
            }
            assertThat(reasons).contains("identity fell from");
        }
    }

    @Test
    void shouldRefuseAnAdapterOfAnotherShapeAsParent() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var first =
                    train(
                            store,
                            tiny.request(tiny.pairs(1), TinyTraining.config(1, 1, 1e-3, 0)),
                            BatchListener.NONE);
            var text = store.putBlob("no adapter".getBytes(), "application/octet-stream");
            var parent = new AdapterRef("smooth", 1, Map.of("transformer", text));
            assertFails(
                    FailureCode.MODEL_MISMATCH,
                    "",
                    () ->
                            train(
                                    store,
                                    tiny.request(
                                            tiny.pairs(1),
                                            TinyTraining.config(2, 1, 1e-3, 0),
                                            "",
                                            parent),
                                    BatchListener.NONE));
            assertThat(first.files()).isNotEmpty();
        }
    }

    @Test
    void shouldStopWhereNumbersAreNotFiniteAndKeepTheLastGoodState() throws Exception {
        try (var store = store("store")) {
            var tiny = new TinyTraining(folder, store);
            var request = tiny.request(tiny.pairs(2), TinyTraining.config(60, 1, 1e5, 0));
            assertThatThrownBy(() -> train(store, request, BatchListener.NONE))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE))
                    .hasMessageMatching(
                            "(?s)the training stopped at step \\d+ of 60: .*The checkpoint of step \\d+ is kept.*");
        }
    }
}
