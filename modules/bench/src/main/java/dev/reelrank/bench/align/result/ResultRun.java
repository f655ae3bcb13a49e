package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.wan.WanSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One result: pairs of the train split, a training, a comparison on held-out scenes.
 *
 * @param models the testbed's
 * @param work keeps adapters and report
 * @param pairsFolder keeps pairs
 * @param figures keeps the figures of every compared clip
 * @param heldOut what is compared
 * @param pairs how many to train on, 0 for the recipe's
 * @param further seeds of each scene that gave a pair of {@code rankings}; 0 for none
 * @param changes of the recipe ({@code --recipe})
 * @param alone whether {@code video-dpo} leaves out the training without a guard
 * @param workers who computes
 * @param until where it ends
 */
public record ResultRun(
        Path models,
        Path work,
        Path pairsFolder,
        Path figures,
        HeldOutChoice heldOut,
        int pairs,
        int further,
        Map<String, String> changes,
        boolean alone,
        Workers workers,
        Until until) {
    private static final int SHOWN = 8;
    private static final String WITHOUT_GUARD = "withoutGuard";
    private static final int LOOKED_AT = 4000;
    private static final int RECORDINGS = 2000;
    private static final int SELECTED = 3000;

    /** Of the composites. A candidate that stands out and is worse by this much is spoilt. */
    private static final double GAP = 0.05;

    public ResultRun {
        changes = Map.copyOf(changes);
    }

    /** What is made. */
    public enum Until {
        PAIRS,
        TRAINING,
        END;

        /**
         * By its name in small letters.
         *
         * @throws StageException INVALID_CONFIG naming {@code --until}
         */
        public static Until parse(String text) {
            return Named.of(values(), u -> u.name().toLowerCase(Locale.ROOT), "--until", text);
        }
    }

    /** Which results there are. */
    public enum Result {
        RANKINGS,
        VIDEO_DPO,
        TASTE,
        /** No result: makes the flickering LoRA that {@link #VIDEO_DPO} starts from. */
        FLICKERING;

        /** {@code rankings}, {@code video-dpo}, {@code taste} or {@code flickering}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * By its {@link #id}.
         *
         * @throws StageException INVALID_CONFIG naming {@code --result}
         */
        public static Result parse(String text) {
            return Named.of(values(), Result::id, "--result", text);
        }
    }

    /**
     * Measures a result.
     *
     * @return its figures, with {@code missed}
     */
    public ObjectNode measure(Result result, Consumer<String> progress) throws IOException {
        Files.createDirectories(work);
        ObjectNode json = new ObjectMapper().createObjectNode();
        int before = TorchRuntime.threads();
        TorchRuntime.threads(workers.threadsEach());
        try {
            switch (result) {
                case RANKINGS -> rankings(json, progress);
                case VIDEO_DPO -> videoDpo(json, progress);
                case TASTE -> taste(json, progress);
                case FLICKERING -> flickering(json, progress);
            }
        } finally {
            TorchRuntime.threads(before);
        }
        return json;
    }

    private WanSnapshot snapshot() {
        return WanSnapshot.open(models.resolve("wan"));
    }

    private static List<Long> seeds(int count) {
        return LongStream.rangeClosed(1, count).boxed().toList();
    }

    private int pairs(int standard) {
        return pairs == 0 ? standard : pairs;
    }

    private Recipe recipe(Recipe standard) {
        return standard.with(changes);
    }

    private PairFiles kept() {
        return new PairFiles(pairsFolder);
    }

    private void rankings(ObjectNode json, Consumer<String> progress) throws IOException {
        teach(
                new Lesson("clear@1", Goals.ghostGate(), List.of(), "adapter", Goals::rankings),
                new PairSource(pairs(Recipes.RANKED_PAIRS), wanted -> ranked(wanted, progress)),
                recipe(Recipes.RANKINGS),
                json,
                progress);
    }

    private Made ranked(int wanted, Consumer<String> progress) {
        var ranked = new RankedPairs(models, snapshot(), work, workers, GAP, progress);
        var scenesOfTrain = SceneSample.range(Split.TRAIN, 0, LOOKED_AT);
        var again =
                new RankedPairs.Further(
                        seeds(Recipes.CANDIDATES + further)
                                .subList(Recipes.CANDIDATES, Recipes.CANDIDATES + further),
                        Recipes.PER_SCENE);
        List<Path> files =
                new ArrayList<>(
                        ranked.make(
                                kept(), scenesOfTrain, seeds(Recipes.CANDIDATES), wanted, again));
        int scenes = files.size();
        if (further > 0) {
            files.addAll(ranked.mine(kept(), scenesOfTrain, wanted, again));
        }
        return new Made(files, scenes);
    }

    private void videoDpo(ObjectNode json, Consumer<String> progress) throws IOException {
        Path flickering = models.resolve(Recipes.FLICKERING);
        if (until != Until.PAIRS && !Files.isDirectory(flickering)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no worn base at %s: make it by --result flickering --work DIR, and copy the two safetensors files of DIR/flickering there"
                            .formatted(flickering));
        }
        var worn = List.of(new LoraSpec(flickering, 1));
        var files =
                new PairSource(
                        pairs(Recipes.JITTERED),
                        wanted ->
                                recordings(wanted, Jitter.noise(Recipes.JITTER), false, progress));
        var steady = recipe(Recipes.STEADY);
        teach(
                new Lesson("steady@1", Gate.steadiness(), worn, "adapter", Goals::videoDpo),
                files,
                steady,
                json,
                progress);
        if (alone) {
            json.putObject(WITHOUT_GUARD)
                    .putArray("missed")
                    .add("left out by --alone: neither trained nor compared");
        } else if (until != Until.PAIRS) {
            // The same pairs in a training that nothing holds back: what the gate is for.
            teach(
                    new Lesson("bold@1", Gate.steadiness(), worn, "unguarded", Goals::videoDpo),
                    files,
                    steady.unsupervised(),
                    json.putObject(WITHOUT_GUARD),
                    progress);
        }
    }

    private void flickering(ObjectNode json, Consumer<String> progress) throws IOException {
        var files =
                new PairSource(
                        pairs(Recipes.RECORDINGS),
                        wanted ->
                                recordings(
                                        wanted, Jitter.flicker(Recipes.FLICKER), true, progress));
        teach(
                new Lesson(
                        Recipes.FLICKERING,
                        Gate.steadiness(),
                        List.of(),
                        Recipes.FLICKERING,
                        Goals::flickering),
                files,
                recipe(Recipes.WORN),
                json,
                progress);
    }

    private void taste(ObjectNode json, Consumer<String> progress) throws IOException {
        var files = new PairSource(pairs(Recipes.SELECTIONS), wanted -> selected(wanted, progress));
        teach(
                new Lesson("slow@1", Goals.tasteGate(), List.of(), "adapter", Goals::taste),
                files,
                recipe(Recipes.TASTE),
                json,
                progress);
    }

    private Made recordings(
            int wanted, Jitter.Spoiling spoiling, boolean spoiltWins, Consumer<String> progress) {
        return new Made(
                new Jitter(snapshot(), workers, progress)
                        .make(
                                kept(),
                                SceneSample.range(Split.TRAIN, RECORDINGS, wanted),
                                spoiling,
                                spoiltWins),
                null);
    }

    private Made selected(int wanted, Consumer<String> progress) {
        return new Made(
                new Taste(models, snapshot(), workers, progress)
                        .make(
                                kept(),
                                SceneSample.range(Split.TRAIN, SELECTED, wanted),
                                seeds(Recipes.SHOWN_TO_THE_USER)),
                null);
    }

    /**
     * Pairs, made or found.
     *
     * @param scenes how many scenes gave them; null where each has its own
     */
    private record Made(List<Path> files, @Nullable Integer scenes) {}

    /** Where pairs come from. */
    private record PairSource(int wanted, IntFunction<Made> make) {}

    /**
     * What is taught and how it is judged.
     *
     * @param name of the adapter
     * @param base LoRAs of the base
     * @param folder of the adapter in the work folder
     */
    private record Lesson(
            String name,
            Gate gate,
            List<LoraSpec> base,
            String folder,
            BiConsumer<ObjectNode, List<ComparedClip>> goals) {}

    private void teach(
            Lesson lesson,
            PairSource source,
            Recipe recipe,
            ObjectNode json,
            Consumer<String> progress)
            throws IOException {
        Path folder = work.resolve(lesson.folder());
        var ended = until == Until.PAIRS ? null : withoutPairs(folder, source.wanted());
        if (ended != null) {
            progress.accept(
                    "no pairs in %s: the finished adapter of %s goes on, trained on %d"
                            .formatted(pairsFolder, folder, ended.pairs()));
            ended.put(json);
            recipe.write(json.putObject("recipe"));
            compare(lesson, AdapterTraining.ended(recipe, folder), json, progress);
            return;
        }
        var made = source.make().apply(source.wanted());
        ObjectNode said = json.objectNode();
        if (made.scenes() != null) {
            said.put("scenesWithAPair", made.scenes());
        }
        said.put("pairs", made.files().size());
        var trainedOn = TrainedOn.of(source.wanted(), said);
        trainedOn.put(json);
        if (until == Until.PAIRS) {
            return;
        }
        recipe.write(json.putObject("recipe"));
        // What ships is halved, and so everything that builds on it knows only that.
        DType stored = lesson.folder().equals(Recipes.FLICKERING) ? DType.BFLOAT16 : DType.FLOAT32;
        var adapter =
                AdapterTraining.run(
                        snapshot(),
                        lesson.base(),
                        made.files(),
                        recipe,
                        stored,
                        workers,
                        folder,
                        progress);
        trainedOn.write(folder);
        compare(lesson, adapter, json, progress);
    }

    /** The record of a finished adapter whose pairs are gone; null where they are needed. */
    private @Nullable TrainedOn withoutPairs(Path folder, int wanted) {
        if (!AdapterTraining.ended(folder) || !kept().isEmpty()) {
            return null;
        }
        var record = TrainedOn.read(folder);
        if (record != null && record.wanted() != wanted) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s holds an adapter of --pairs %d, not of %d, and its pairs are not in %s: give another --work"
                            .formatted(folder, record.wanted(), wanted, pairsFolder));
        }
        return record;
    }

    private void compare(
            Lesson lesson, List<LoraSpec> adapter, ObjectNode json, Consumer<String> progress)
            throws IOException {
        json.put("trainingSeconds", AdapterTraining.seconds(work.resolve(lesson.folder())));
        if (until == Until.END) {
            lesson.goals().accept(json, judge(json, lesson, adapter, progress));
        }
    }

    /** Compares, and leaves the report with its page in the work folder. */
    private List<ComparedClip> judge(
            ObjectNode json, Lesson lesson, List<LoraSpec> adapter, Consumer<String> progress)
            throws IOException {
        Path place = work.resolve("report-" + lesson.folder());
        var folder = new ReportFolder(place);
        for (String curve : List.of("loss.png", "rewards.png", "accuracy.png")) {
            // Adapters of an earlier version of this command may have none.
            Path drawn = work.resolve(lesson.folder()).resolve(curve);
            if (Files.isRegularFile(drawn)) {
                Files.copy(drawn, place.resolve(curve), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        var both = new ArrayList<>(lesson.base());
        both.addAll(adapter);
        var samples = heldOut.samples();
        var heldOutClips = new HeldOut(models, figures, workers, progress);
        var clips = heldOutClips.compare(samples, heldOut.seeds(), lesson.base(), both);
        heldOutClips.show(
                HeldOut.changedMost(clips, lesson.gate().target(), samples, SHOWN),
                lesson.base(),
                both,
                folder);
        var report =
                ComparisonReport.of(lesson.name(), "wan", lesson.gate(), clips, Bootstrap.DEFAULT);
        folder.write(report);
        ObjectNode comparison = report.json();
        comparison.remove("clips");
        json.set("comparison", comparison);
        return clips;
    }
}
