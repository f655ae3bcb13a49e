package dev.reelrank.generator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.Prepared;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The stage and the command on tiny random weights. */
final class GeneratorStageIT {
    private static final Path TINY = Path.of("../modules/wan/src/test/resources/wan/i2v");

    @TempDir Path folder;

    private static CandidateConfig config(Integer width, Integer frames, String codec) {
        return config(width, frames, codec, List.of());
    }

    private static CandidateConfig config(
            Integer width, Integer frames, String codec, List<CandidateConfig.Lora> loras) {
        return new CandidateConfig(
                null,
                List.of(7L),
                2,
                width,
                width,
                "area",
                frames,
                8.0,
                1.0,
                "",
                "euler",
                5.0,
                null,
                Map.of(),
                loras,
                "auto",
                "auto",
                codec,
                18);
    }

    /** A folder of models as a farm has it, with the tiny generator and its LoRA by their names. */
    private Path models() throws IOException {
        var models = Files.createDirectories(folder.resolve("models"));
        for (var of :
                Map.of("wan", TINY, "lightning", TINY.resolveSibling("lightning")).entrySet()) {
            if (!Files.exists(models.resolve(of.getKey()))) {
                Files.createSymbolicLink(models.resolve(of.getKey()), of.getValue().toRealPath());
            }
        }
        return models;
    }

    private GeneratorStage stage(Path models) {
        return new GeneratorStage(
                GeneratorFamilies.all(),
                ModelFolders.of(models),
                new FileFingerprints(folder.resolve("cache")),
                () -> Stores.open(folder.resolve("store").toString()),
                Device.CPU);
    }

    private static RgbImage picture() {
        byte[] rgb = new byte[48 * 32 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 31);
        }
        return new RgbImage(48, 32, rgb);
    }

    @Test
    void shouldLeaveTheImageOutForAModelThatSeesNone() throws Exception {
        Path models = models();
        Path tiny = Path.of("../modules/animatediff/src/test/resources/animatediff/sd");
        Files.createSymbolicLink(models.resolve("animatediff"), tiny.toRealPath());
        var config =
                new CandidateConfig(
                        "animatediff",
                        List.of(7L),
                        2,
                        32,
                        24,
                        "area",
                        4,
                        8.0,
                        2.0,
                        "red dog",
                        "ddim",
                        null,
                        null,
                        Map.of("clipSkip", 1.0),
                        List.of(),
                        "auto",
                        "auto",
                        "h264",
                        18);
        Path storeFolder = Files.createDirectories(folder.resolve("store"));
        try (var store = Stores.open(storeFolder.toUri().toString());
                var runner = StageRunner.of(stage(models), store, Device.CPU)) {
            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            var request = new CandidateRequest("a cat runs", image, 7, config);
            var result = runner.run(request, BatchListener.NONE).result();
            assertThat(result.used().family()).isEqualTo("animatediff");
            assertThat(result.used().timesteps()).containsExactly(501.0, 1.0);
            var info = VideoReader.probe(store.fetch(result.video(), folder));
            assertThat(info.frames()).isEqualTo(4);
            assertThat(info.height()).isEqualTo(24);
        }
        assertThat(CandidateCheck.note(config, ModelFolders.of(models)).orElseThrow())
                .contains("from text alone works")
                .contains("animatediff");
    }

    private static RgbImage other() {
        byte[] rgb = picture().rgb().clone();
        for (int i = 0; i < rgb.length; i += 2) {
            rgb[i] ^= 64;
        }
        return new RgbImage(48, 32, rgb);
    }

    private List<Body> together(
            ResultStore store, List<CandidateRequest> requests, BatchListener listener)
            throws IOException {
        try (var session =
                new StageSession<>(
                        stage(models()),
                        store,
                        ReportCodec.avro(Stages.STANDARD),
                        Device.CPU,
                        new Producer("test", "1@0", "host", "cpu", "cpu"),
                        Clock.systemUTC())) {
            var items = new ArrayList<Prepared<CandidateRequest>>();
            for (var request : requests) {
                String id = "w-" + items.size();
                var work = new WorkRef(id, "run", id, StageName.CANDIDATE, request.seed(), 0);
                items.add(session.prepare(work, request));
            }
            var bodies = session.compute(items, 2, false, listener);
            session.unload();
            return bodies;
        }
    }

    private List<String> videos(List<Body> bodies) {
        return bodies.stream()
                .map(b -> ((CandidateResult) ((Succeeded) b).result()).video().sha256())
                .toList();
    }

    @Test
    void candidatesThatAreFinishedBesideTheNextShouldBeThoseOfOneByOne() throws Exception {
        Path apart = Files.createDirectories(folder.resolve("apart"));
        Path joined = Files.createDirectories(folder.resolve("joined"));
        try (var alone = Stores.open(apart.toUri().toString());
                var store = Stores.open(joined.toUri().toString())) {
            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            BlobRef second = store.putBlob(Images.png(other()), "image/png");
            alone.putBlob(Images.png(picture()), "image/png");
            alone.putBlob(Images.png(other()), "image/png");
            var config = config(32, 5, "h264");
            var requests =
                    List.of(
                            new CandidateRequest("a cat runs", image, 7, config),
                            new CandidateRequest("a dog runs", second, 8, config),
                            new CandidateRequest("a dog runs", second, 9, config));
            var wanted = new ArrayList<String>();
            for (var request : requests) {
                wanted.addAll(videos(together(alone, List.of(request), BatchListener.NONE)));
            }
            var heard = new ArrayList<String>();
            var listener =
                    new BatchListener() {
                        @Override
                        public void progress(int item, int step, int of) {
                            heard.add("step %d of %d".formatted(step, item));
                        }

                        @Override
                        public void ended(int item, Body body) {
                            heard.add("end of " + item);
                        }

                        @Override
                        public boolean cancelled() {
                            return false;
                        }

                        @Override
                        public void loaded(String model, long millis) {}
                    };
            var bodies = together(store, requests, listener);
            assertThat(videos(bodies)).isEqualTo(wanted).doesNotHaveDuplicates();
            assertThat(heard)
                    .containsSubsequence("step 2 of 0", "end of 0", "step 2 of 2")
                    .containsSubsequence("step 2 of 1", "end of 1")
                    .doesNotContain("end of 2");
            var timings = ((Succeeded) bodies.get(0)).computation().timings();
            assertThat(timings).containsKeys("condition", "denoise", "decode", "encode");
        }
    }

    @Test
    void aBrokenImageShouldFailItsOwnCandidateAlone() throws Exception {
        Path joined = Files.createDirectories(folder.resolve("store"));
        try (var store = Stores.open(joined.toUri().toString())) {
            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            BlobRef broken = store.putBlob("no picture".getBytes(UTF_8), "image/png");
            var config = config(32, 5, "h264");
            var good = new CandidateRequest("a cat runs", image, 7, config);
            var bad = new CandidateRequest("a dog runs", broken, 8, config);
            var bodies = together(store, List.of(good, bad, good), BatchListener.NONE);
            assertThat(bodies.get(0)).isInstanceOf(Succeeded.class);
            assertThat(bodies.get(2)).isInstanceOf(Succeeded.class);
            assertThat(bodies.get(1))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            f -> assertThat(f.code()).isEqualTo(FailureCode.UNREADABLE_IMAGE));
        }
    }

    @Test
    void aCancelledBatchShouldKeepWhatIsBeingFinished() throws Exception {
        Path joined = Files.createDirectories(folder.resolve("store"));
        try (var store = Stores.open(joined.toUri().toString())) {
            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            var config = config(32, 5, "h264");
            var first = new CandidateRequest("a cat runs", image, 7, config);
            var second = new CandidateRequest("a cat runs", image, 8, config);
            var stop = new AtomicBoolean();
            var bodies =
                    together(
                            store,
                            List.of(first, second),
                            new BatchListener() {
                                @Override
                                public void progress(int item, int step, int of) {
                                    stop.set(item == 1);
                                }

                                @Override
                                public boolean cancelled() {
                                    return stop.get();
                                }

                                @Override
                                public void loaded(String model, long millis) {}
                            });
            assertThat(bodies.get(0)).isInstanceOf(Succeeded.class);
            assertThat(bodies.get(1)).isInstanceOf(Returned.class);
        }
    }

    @Test
    void shouldGenerateAPlayableVideoAndFindItAgain() throws Exception {
        Path storeFolder = Files.createDirectories(folder.resolve("store"));
        try (var store = Stores.open(storeFolder.toUri().toString());
                var runner = StageRunner.of(stage(models()), store, Device.CPU)) {
            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            var config = config(32, 5, "h264", List.of(new CandidateConfig.Lora("lightning", 0.5)));
            var request = new CandidateRequest("a cat runs", image, 7, config);
            var steps = new ArrayList<Integer>();
            var answer =
                    runner.run(
                            request,
                            new BatchListener() {
                                @Override
                                public void progress(int item, int step, int of) {
                                    steps.add(step);
                                }

                                @Override
                                public boolean cancelled() {
                                    return false;
                                }

                                @Override
                                public void loaded(String model, long millis) {}
                            });
            assertThat(steps).containsExactly(1, 2);
            assertThat(answer.result().codec()).isEqualTo("libx264");
            assertThat(answer.result().switchStep()).isEqualTo(1);
            var used = answer.result().used();
            assertThat(used.family()).isEqualTo("wan");
            assertThat(used.files()).containsKey("wan/model_index.json");
            assertThat(used.loras())
                    .extracting(applied -> applied.part() + " " + applied.layers())
                    .containsExactly("high 20", "low 20");
            assertThat(used.timesteps()).hasSize(2).first().isEqualTo(1000.0);
            assertThat(used.parameters()).containsEntry("guidanceLow", 1.0);
            assertThat(used.facts()).containsEntry("switchStep", 1.0);
            assertThat(used.promptTokens()).isPositive();
            assertThat(answer.computation().precision()).isEqualTo("fp32");
            Path video = store.fetch(answer.result().video(), folder);
            var info = VideoReader.probe(video);
            assertThat(info.frames()).isEqualTo(5);
            assertThat(info.width()).isEqualTo(32);
            assertThat(runner.run(request, BatchListener.NONE).computation().reused()).isTrue();
        }
    }

    @Test
    void shouldLetWhatAsksForOtherWeightsHaveAnotherKey() throws Exception {
        try (var stage = stage(models())) {
            var plain = stage.loadKey(config(32, 5, "h264"));
            var merged = config(32, 5, "h264", List.of(new CandidateConfig.Lora("lightning", 0.5)));
            var key = stage.loadKey(merged);
            assertThat(key).isNotEqualTo(plain);
            assertThat(stage.fingerprint(key).sha256())
                    .isNotEqualTo(stage.fingerprint(plain).sha256());
            assertThat(stage.fingerprint(key).parts().keySet())
                    .anyMatch(name -> name.contains("lora/0@0.5"));
            assertThat(stage.needs(key, merged).deviceGib()).isBetween(0.1, 3.0);
        }
    }

    @Test
    void shouldTakeAnAdapterOfTheFarmFromTheStore() throws Exception {
        Path file =
                Path.of(
                        "../modules/alignment/src/test/resources/alignment/lora/pytorch_lora_weights.safetensors");
        try (var store = Stores.open(folder.resolve("store").toString());
                var stage = stage(models());
                var runner = StageRunner.of(stage(models()), store, Device.CPU)) {
            var plain = config(32, 5, "h264");
            String base = stage.fingerprint(stage.loadKey(plain)).sha256();
            var files = Map.of("transformer", store.putBlob(file, "application/octet-stream"));
            var adapted =
                    config(
                            32,
                            5,
                            "h264",
                            List.of(new CandidateConfig.Lora("adapter:smooth@1", 1, files, base)));
            assertThat(stage.loadKey(adapted)).isEqualTo(stage.loadKey(adapted));
            assertThat(stage.fingerprint(stage.loadKey(adapted)).sha256()).isNotEqualTo(base);

            BlobRef image = store.putBlob(Images.png(picture()), "image/png");
            var request = new CandidateRequest("a cat runs", image, 7, adapted);
            assertThat(request.blobs())
                    .extracting(b -> b.blob())
                    .contains(files.get("transformer"));
            var with = runner.run(request);
            var without = runner.run(new CandidateRequest("a cat runs", image, 7, plain));
            assertThat(with.result().video()).isNotEqualTo(without.result().video());
            assertThat(with.result().used().baseFingerprint()).isEqualTo(base);
            assertThat(without.result().used().baseFingerprint()).isEqualTo(base);
            assertThat(with.result().used().loras())
                    .extracting(applied -> applied.part())
                    .containsExactly("high");

            var other = new CandidateConfig.Lora("adapter:smooth@1", 1, files, "0".repeat(64));
            assertThatThrownBy(() -> stage.loadKey(config(32, 5, "h264", List.of(other))))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                    .hasMessageContaining("adapter:smooth@1 was trained on a generator");
            var foreign =
                    new CandidateConfig.Lora("adapter:smooth@1", 1, files, null, "animatediff");
            assertThatThrownBy(() -> stage.loadKey(config(32, 5, "h264", List.of(foreign))))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining(
                            "adapter:smooth@1 is an adapter for generators of family animatediff")
                    .hasMessageContaining("is of family wan")
                    .extracting("code")
                    .isEqualTo(FailureCode.MODEL_MISMATCH);
            var open = new CandidateConfig.Lora("adapter:smooth@1", 1);
            assertThatThrownBy(() -> stage.loadKey(config(32, 5, "h264", List.of(open))))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE));
        }
    }

    @Test
    void shouldNameWhatIsMissingBeforeAnythingIsLoaded() {
        try (var stage = stage(folder)) {
            assertThatThrownBy(() -> stage.loadKey(CandidateConfig.defaults()))
                    .isInstanceOf(StageException.class)
                    .extracting("code")
                    .isEqualTo(FailureCode.MODEL_MISSING);
        }
    }

    private int run(StringWriter out, String... arguments) {
        return new CommandLine(new GenerateCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .setExecutionExceptionHandler(
                        (e, commandLine, result) -> {
                            throw e;
                        })
                .execute(arguments);
    }

    @Test
    void shouldWriteOneVideoForEachSeedFromTheCommandLine() throws Exception {
        Path image = folder.resolve("first.png");
        Images.writePng(image, picture());
        var out = new StringWriter();
        int code =
                run(
                        out,
                        "--model",
                        "wan=" + TINY,
                        "--models",
                        folder.toString(),
                        "--image",
                        image.toString(),
                        "--prompt",
                        "the dog sails",
                        "--seed",
                        "1,2",
                        "--size",
                        "32x32",
                        "--frames",
                        "5",
                        "--steps",
                        "2",
                        "--lora",
                        TINY.resolveSibling("lightning") + ":0.5",
                        "--device",
                        "cpu",
                        "--latents-out",
                        folder.resolve("l.safetensors").toString(),
                        "--latents-step",
                        "1",
                        "--json",
                        "--out",
                        folder.resolve("v.mp4").toString());
        assertThat(code).isZero();
        assertThat(out.toString()).contains("\"seed\" : 2").contains("denoiseMillis");
        for (String seed : List.of("1", "2")) {
            assertThat(VideoReader.probe(folder.resolve("v-" + seed + ".mp4")).frames())
                    .isEqualTo(5);
            assertThat(folder.resolve("l-" + seed + ".safetensors")).exists();
        }
        assertThat(Files.readAllBytes(folder.resolve("v-1.mp4")))
                .isNotEqualTo(Files.readAllBytes(folder.resolve("v-2.mp4")));
    }
}
