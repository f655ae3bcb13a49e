package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.Guard;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.geometry.score.GeometryVggt;
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
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The generator of rooms learns to keep the world rigid: candidates of train prompts, pairs by a
 * geometry score, a training, a comparison on held-out prompts. What takes long is kept in a work
 * folder, so that an interrupted measurement can go on.
 *
 * @param models a folder with {@code wan}, the generator of rooms
 * @param vggt scores as well; null for epipolar geometry alone
 * @param by the score that chooses the pairs; null for the first
 * @param gap by how much the loser's score is higher at least, as a share of the winner's
 * @param work keeps pairs, adapter, figures and report
 * @param prompts train prompts that are looked at, at most
 * @param candidates per prompt
 * @param pairs to train on, at most
 * @param heldOut test for published figures, validation for choosing
 * @param scenes held-out prompts
 * @param seeds of each
 * @param changes of the recipe
 * @param workers who computes
 * @param until where it ends
 */
public record RoomLearning(
        Path models,
        @Nullable GeometryVggt vggt,
        @Nullable String by,
        double gap,
        Path work,
        int prompts,
        int candidates,
        int pairs,
        Split heldOut,
        int scenes,
        int seeds,
        Map<String, String> changes,
        Workers workers,
        ResultRun.Until until) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN = 12;

    /** The generator was trained on rooms from 0 on. */
    private static final int FIRST_PROMPT = 1_000_000;

    private static final String ADAPTER = "rigid@1";

    public RoomLearning {
        changes = Map.copyOf(changes);
        if (candidates < 2 || prompts < 1 || pairs < 1 || scenes < 1 || seeds < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "learning needs a prompt, a pair, a held-out prompt and a seed at least, and two candidates per prompt");
        }
    }

    /** Trains and compares, as far as {@link #until} says. */
    public ObjectNode measure(Consumer<String> progress) throws IOException {
        Files.createDirectories(work);
        var judge = new RoomJudge(vggt);
        String score = by == null ? judge.scores().get(0) : by;
        if (!judge.scores().contains(score)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--by %s is not measured here; measured are %s"
                            .formatted(score, judge.scores()));
        }
        ObjectNode json = JSON.createObjectNode();
        int before = TorchRuntime.threads();
        TorchRuntime.threads(workers.threadsEach());
        try {
            measure(judge, score, json, progress);
        } finally {
            TorchRuntime.threads(before);
        }
        return json;
    }

    private void measure(RoomJudge judge, String score, ObjectNode json, Consumer<String> progress)
            throws IOException {
        Recipe recipe = Recipes.ROOMS.with(changes);
        Path folder =
                work.resolve(
                        "adapter-%s-%s-%d%s"
                                .formatted(score, gap, pairs, RoomGoals.suffix(changes)));
        List<LoraSpec> adapter = endedEarlier(recipe, folder, json);
        if (adapter == null) {
            List<Path> files = pairs(judge, score, json, progress);
            if (until == ResultRun.Until.PAIRS) {
                return;
            }
            var trainedOn = TrainedOn.of(pairs, json);
            recipe.write(json.putObject("recipe"));
            adapter =
                    AdapterTraining.run(
                            WanSnapshot.open(models.resolve("wan")),
                            List.of(),
                            files,
                            recipe,
                            DType.FLOAT32,
                            workers,
                            folder,
                            progress);
            trainedOn.write(folder);
        }
        json.put("trainingSeconds", AdapterTraining.seconds(folder));
        if (until == ResultRun.Until.END) {
            RoomGoals.judge(json, judge, compare(json, judge, score, folder, adapter, progress));
        }
    }

    /**
     * The adapter to compare, if its training has ended: its candidates may have stayed on the
     * machine that made them. Null where something is still to be trained.
     */
    private @Nullable List<LoraSpec> endedEarlier(Recipe recipe, Path folder, ObjectNode json)
            throws IOException {
        var trained = AdapterTraining.finished(recipe, folder);
        var trainedOn = TrainedOn.read(folder);
        if (until != ResultRun.Until.END || trained.isEmpty() || trainedOn == null) {
            return null;
        }
        trainedOn.put(json);
        recipe.write(json.putObject("recipe"));
        return trained.get();
    }

    /** Makes candidates and chooses; says in the JSON what was found. */
    private List<Path> pairs(
            RoomJudge judge, String score, ObjectNode json, Consumer<String> progress)
            throws IOException {
        var candidateFiles = new CandidateFiles(work.resolve("candidates"));
        var samples = RoomSample.range(Split.TRAIN, FIRST_PROMPT, prompts, judge);
        new RoomCandidates(
                        models,
                        WanSnapshot.open(models.resolve("wan")),
                        workers,
                        candidateFiles,
                        progress)
                .make(samples, numbers(candidates));
        var found = candidateFiles.of(samples);
        var chosen = new RoomPairs(score, gap).choose(found, pairs);
        json.put("score", score);
        json.put("gap", gap);
        json.put("candidates", found.stream().mapToInt(List::size).sum());
        json.put("pairs", chosen.size());
        json.put("winnerNearerToTruth", RoomPairs.nearer(chosen));
        ObjectNode agreement = json.putObject("agreementWithTruth");
        for (String name : judge.scores()) {
            agreement.put(name, RoomPairs.agreement(found, name));
        }
        progress.accept("pairs: " + json);
        Path pairFolder = Files.createDirectories(work.resolve("pairs"));
        return chosen.stream()
                .map(
                        p ->
                                candidateFiles.pair(
                                        p.winner().sample(),
                                        p.winner().seed(),
                                        p.loser().seed(),
                                        pairFolder))
                .toList();
    }

    private List<ComparedClip> compare(
            ObjectNode json,
            RoomJudge judge,
            String score,
            Path trained,
            List<LoraSpec> adapter,
            Consumer<String> progress)
            throws IOException {
        Path place = work.resolve("report-%s-%s".formatted(trained.getFileName(), heldOut.name()));
        var folder = new ReportFolder(place);
        for (String curve : List.of("loss.png", "rewards.png", "accuracy.png")) {
            Files.copy(
                    trained.resolve(curve),
                    place.resolve(curve),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        var samples = RoomSample.range(heldOut, 0, scenes, judge);
        var held = new HeldOut(models, work.resolve("figures"), workers, progress);
        var clips = held.compare(samples, numbers(seeds), List.of(), adapter);
        held.show(HeldOut.changedMost(clips, score, samples, SHOWN), List.of(), adapter, folder);
        var gate =
                new Gate(
                        score,
                        false,
                        List.of(new Guard(RoomJudge.CAMERA_MOTION, true, 0.05, true)));
        var report = ComparisonReport.of(ADAPTER, "wan", gate, clips, Bootstrap.DEFAULT);
        folder.write(report);
        ObjectNode comparison = report.json();
        comparison.remove("clips");
        json.set("comparison", comparison);
        return clips;
    }

    private static List<Long> numbers(int count) {
        return LongStream.rangeClosed(1, count).boxed().toList();
    }
}
