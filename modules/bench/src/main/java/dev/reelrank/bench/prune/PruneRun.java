package dev.reelrank.bench.prune;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.generator.GeneratorStage;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.ranking.Choice;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Follows plans on scenes whose truth is known, with the stages of the farm: every candidate is
 * finished once, and each plan is told which of them it would have had.
 */
public final class PruneRun implements AutoCloseable {
    /** Frames of the testbed's clips. */
    private static final int FRAMES = 17;

    private final List<Long> seeds;
    private final List<Plan> plans;
    private final int steps;
    private final Path folder;
    private final ResultStore store;
    private final StageRunner<CandidateRequest, CandidateResult> generator;
    private final StageRunner<RankingRequest, RankingResult> reranker;

    private long stepMillis;
    private int stepsMade;
    private long previewMillis;
    private int previews;

    /**
     * @param models the testbed's
     * @param folder for the store, emptied by the caller
     * @param seeds of the candidates, as many as the largest plan begins
     * @param steps of a finished candidate
     */
    public PruneRun(
            Path models,
            Path folder,
            List<Long> seeds,
            List<Plan> plans,
            int steps,
            Device device,
            int threads) {
        this.seeds = List.copyOf(seeds);
        this.plans = List.copyOf(plans);
        this.steps = steps;
        this.folder = folder;
        this.store = LocalStore.open(folder.resolve("store"));
        var folders = ModelFolders.of(models, Map.of());
        var fingerprints = FileFingerprints.ofUser();
        this.generator =
                StageRunner.of(
                        new GeneratorStage(
                                GeneratorFamilies.all(),
                                folders,
                                fingerprints,
                                () -> store,
                                device),
                        store,
                        device,
                        threads);
        this.reranker =
                StageRunner.of(
                        new RankingStage(folders, fingerprints, device, threads),
                        store,
                        device,
                        threads);
    }

    /** Measures one held-out scene. */
    public SceneFigures measure(int index) {
        Scene scene = SceneMaker.scene(Split.TEST.seed(index));
        Truth truth = new Truth(scene, FRAMES);
        BlobRef image = store.putBlob(Images.png(truth.clip().frames().get(0)), "image/png");
        stepMillis = 0;
        stepsMade = 0;
        previewMillis = 0;
        previews = 0;
        Map<Integer, List<CandidateVideo>> drafts = drafts(scene, image);
        int before = drafts.keySet().stream().mapToInt(k -> k).max().orElse(0);
        List<CandidateVideo> videos = candidates(scene, image, null, before);
        List<Double> quality = new ArrayList<>();
        List<Double> ghost = new ArrayList<>();
        for (CandidateVideo video : videos) {
            var frames = VideoReader.readAll(store.fetch(video.video(), folder));
            quality.add(rounded(truth.quality(frames)));
            ghost.add(rounded(truth.ghost(frames)));
        }
        Judged finished = judged(scene, image, videos);
        Map<Integer, Judged> begun = new TreeMap<>();
        drafts.forEach((after, of) -> begun.put(after, judged(scene, image, of)));
        Map<String, Integer> winners = new TreeMap<>();
        for (Plan plan : plans) {
            List<CandidateScore> left = finished.of(seeds.subList(0, plan.seeds()));
            if (plan.prunes()) {
                List<CandidateScore> some =
                        Objects.requireNonNull(begun.get(plan.after()))
                                .of(seeds.subList(0, plan.seeds()));
                List<Long> kept = RankingStage.kept(some, chosen(some), plan.keep());
                left = left.stream().filter(score -> kept.contains(score.seed())).toList();
            }
            winners.put(plan.key(), seeds.indexOf(left.get(chosen(left)).seed()));
        }
        return new SceneFigures(
                Split.TEST.seed(index),
                quality,
                ghost,
                winners,
                stepMillis / 1e3 / Math.max(1, stepsMade),
                previewMillis / 1e3 / Math.max(1, previews));
    }

    /** Scores of videos. A score depends on its video alone, so it serves every choice of some. */
    private record Judged(List<CandidateScore> scores) {
        List<CandidateScore> of(List<Long> seeds) {
            return scores.stream().filter(score -> seeds.contains(score.seed())).toList();
        }
    }

    private Judged judged(Scene scene, BlobRef image, List<CandidateVideo> videos) {
        return new Judged(rank(scene, image, videos).candidates());
    }

    /** As the ranking chooses among these. */
    private static int chosen(List<CandidateScore> scores) {
        return Choice.among(
                        scores.stream().map(score -> "seed " + score.seed()).toList(),
                        scores.stream().mapToDouble(CandidateScore::composite).toArray(),
                        IntStream.range(0, scores.size()).toArray(),
                        RankingConfig.defaults().minSpread())
                .index();
    }

    /** By steps: each goes on from the one before it. */
    private Map<Integer, List<CandidateVideo>> drafts(Scene scene, BlobRef image) {
        Map<Integer, List<CandidateVideo>> drafts = new TreeMap<>();
        int before = 0;
        for (int after : plans.stream().filter(Plan::prunes).map(Plan::after).sorted().toList()) {
            if (!drafts.containsKey(after)) {
                drafts.put(after, candidates(scene, image, after, before));
                before = after;
            }
        }
        return drafts;
    }

    /**
     * Of all seeds: whole, or paused after some steps.
     *
     * @param before steps that were made already
     */
    private List<CandidateVideo> candidates(
            Scene scene, BlobRef image, @Nullable Integer pauseAfter, int before) {
        return IntStream.range(0, seeds.size())
                .mapToObj(
                        i -> {
                            long seed = seeds.get(i);
                            var config =
                                    ConfigurationFile.set(
                                            "steps=" + steps,
                                            CandidateConfig.defaults().withSeed(seed));
                            var made =
                                    generator.run(
                                            new CandidateRequest(
                                                    WrittenPrompts.ultraEnrich(scene),
                                                    image,
                                                    seed,
                                                    config,
                                                    pauseAfter));
                            Map<String, Long> timings = made.computation().timings();
                            stepMillis += timings.getOrDefault("denoise", 0L);
                            stepsMade += (pauseAfter == null ? steps : pauseAfter) - before;
                            if (pauseAfter != null) {
                                previewMillis += timings.getOrDefault("decode", 0L);
                                previews++;
                            }
                            return new CandidateVideo(seed, made.result().video(), "seed " + seed);
                        })
                .toList();
    }

    private RankingResult rank(Scene scene, BlobRef image, List<CandidateVideo> videos) {
        return reranker.run(
                        new RankingRequest(
                                Prompts.verbose(scene, 0),
                                WrittenPrompts.ultraEnrich(scene),
                                null,
                                image,
                                videos,
                                RankingConfig.defaults().withExplain(false),
                                null))
                .result();
    }

    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }

    @Override
    public void close() {
        generator.close();
        reranker.close();
        store.close();
    }
}
