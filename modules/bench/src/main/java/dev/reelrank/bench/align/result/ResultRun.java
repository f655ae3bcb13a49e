package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.Bootstrap;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.wan.WanSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * One result: pairs of the train split, a training, a comparison on held-out scenes.
 *
 * @param models the testbed's
 * @param work keeps pairs, adapters, clips and figures
 * @param heldOut test for published figures, validation for choosing
 * @param from first held-out scene
 * @param scenes how many held-out scenes
 * @param seeds how many per held-out scene, from 1
 * @param pairs how many to train on, 0 for the recipe's
 * @param steps of the training, 0 for the recipe's
 * @param threads CPU threads of the reranker
 */
public record ResultRun(
        Path models,
        Path work,
        Split heldOut,
        int from,
        int scenes,
        int seeds,
        int pairs,
        int steps,
        int threads) {
    private static final int SHOWN = 8;
    private static final int LOOKED_AT = 4000;
    private static final int RECORDINGS = 2000;
    private static final int SELECTED = 3000;
    private static final double GAP = 0.15;

    /** Which results there are. */
    public enum Result {
        RANKINGS,
        VIDEO_DPO,
        TASTE,
        /** No result: makes the flickering LoRA that {@link #VIDEO_DPO} starts from. */
        FLICKERING;

        /** {@code rankings}, {@code video-dpo}, {@code taste} or {@code flickering}. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
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
        switch (result) {
            case RANKINGS -> rankings(json, progress);
            case VIDEO_DPO -> videoDpo(json, progress);
            case TASTE -> taste(json, progress);
            case FLICKERING -> flickering(json, progress);
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
        return steps == 0 ? standard : standard.withSteps(steps);
    }

    private void rankings(ObjectNode json, Consumer<String> progress) throws IOException {
        var files =
                new RankedPairs(models, snapshot(), work, threads, GAP, progress)
                        .make(
                                new PairFiles(work.resolve("pairs")),
                                SceneSample.range(Split.TRAIN, 0, LOOKED_AT),
                                seeds(Recipes.CANDIDATES),
                                pairs(Recipes.RANKED_PAIRS));
        var adapter = train(files, List.of(), recipe(Recipes.RANKINGS), "adapter", json, progress);
        var clips = judge(json, "clear@1", Goals.ghostGate(), List.of(), adapter, "", progress);
        Goals.rankings(json, clips);
    }

    private void videoDpo(ObjectNode json, Consumer<String> progress) throws IOException {
        Path flickering = models.resolve(Recipes.FLICKERING);
        if (!Files.isDirectory(flickering)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no worn base at %s: make it by --result flickering --work DIR, and copy the two safetensors files of DIR/flickering there"
                            .formatted(flickering));
        }
        var worn = List.of(new LoraSpec(flickering, 1));
        var files =
                new Jitter(snapshot(), progress)
                        .make(
                                new PairFiles(work.resolve("pairs")),
                                SceneSample.range(
                                        Split.TRAIN, RECORDINGS, pairs(Recipes.RECORDINGS)),
                                Jitter.noise(Recipes.JITTER),
                                false);
        var adapter = train(files, worn, recipe(Recipes.STEADY), "adapter", json, progress);
        Goals.videoDpo(
                json, judge(json, "steady@1", Gate.steadiness(), worn, adapter, "", progress));
        // The same pairs in a training that nothing holds back: what the gate is for.
        ObjectNode bare = json.putObject("withoutGuard");
        var bold = train(files, worn, recipe(Recipes.UNGUARDED), "unguarded", bare, progress);
        Goals.videoDpo(
                bare, judge(bare, "bold@1", Gate.steadiness(), worn, bold, "-unguarded", progress));
    }

    private void flickering(ObjectNode json, Consumer<String> progress) throws IOException {
        var files =
                new Jitter(snapshot(), progress)
                        .make(
                                new PairFiles(work.resolve("pairs")),
                                SceneSample.range(
                                        Split.TRAIN, RECORDINGS, pairs(Recipes.RECORDINGS)),
                                Jitter.flicker(Recipes.FLICKER),
                                true);
        var adapter = train(files, List.of(), recipe(Recipes.WORN), "flickering", json, progress);
        Goals.flickering(
                json,
                judge(json, "flickering", Gate.steadiness(), List.of(), adapter, "", progress));
    }

    private void taste(ObjectNode json, Consumer<String> progress) throws IOException {
        var files =
                new Taste(models, snapshot(), progress)
                        .make(
                                new PairFiles(work.resolve("pairs")),
                                SceneSample.range(Split.TRAIN, SELECTED, pairs(Recipes.SELECTIONS)),
                                seeds(Recipes.SHOWN_TO_THE_USER));
        var adapter = train(files, List.of(), recipe(Recipes.TASTE), "adapter", json, progress);
        Goals.taste(
                json, judge(json, "slow@1", Goals.tasteGate(), List.of(), adapter, "", progress));
    }

    private List<LoraSpec> train(
            List<Path> files,
            List<LoraSpec> worn,
            Recipe recipe,
            String name,
            ObjectNode json,
            Consumer<String> progress)
            throws IOException {
        json.put("pairs", files.size());
        recipe.write(json.putObject("recipe"));
        long begin = System.nanoTime();
        var adapter =
                AdapterTraining.run(snapshot(), worn, files, recipe, work.resolve(name), progress);
        json.put("trainingSeconds", (System.nanoTime() - begin) / 1_000_000_000);
        return adapter;
    }

    /** Compares, and leaves the report with its page in the work folder. */
    private List<ComparedClip> judge(
            ObjectNode json,
            String name,
            Gate gate,
            List<LoraSpec> base,
            List<LoraSpec> adapter,
            String suffix,
            Consumer<String> progress) {
        var folder = new ReportFolder(work.resolve("report" + suffix));
        var both = new ArrayList<>(base);
        both.addAll(adapter);
        var clips =
                new HeldOut(models, work.resolve("compared" + suffix + ".jsonl"), progress)
                        .compare(
                                SceneSample.range(heldOut, from, scenes),
                                seeds(seeds),
                                base,
                                both,
                                folder,
                                SHOWN);
        var report = ComparisonReport.of(name, "wan", gate, clips, Bootstrap.DEFAULT);
        folder.write(report);
        ObjectNode comparison = report.json();
        comparison.remove("clips");
        json.set("comparison", comparison);
        return clips;
    }
}
