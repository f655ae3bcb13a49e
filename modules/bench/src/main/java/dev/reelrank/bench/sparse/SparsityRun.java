package dev.reelrank.bench.sparse;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.generator.GeneratorStage;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.store.ResultStore;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Makes candidates of held-out scenes with dense and with sparse self-attention, and follows both
 * through the stages of the farm: which candidate wins, and how it is graded.
 */
public final class SparsityRun implements AutoCloseable {
    /** Frames of the testbed's clips. */
    private static final int FRAMES = 17;

    private static final double BEST_PSNR = 100;

    private final List<Long> seeds;
    private final Path folder;
    private final int threads;
    private final ResultStore store;
    private final StageRunner<CandidateRequest, CandidateResult> generator;
    private final StageRunner<RankingRequest, RankingResult> reranker;
    private final GradeStage grades;

    /**
     * What one share did to a scene.
     *
     * @param kept share of the pairs of blocks that was computed, the mean of the candidates
     * @param psnr of each candidate's frames beside the dense candidate's, in dB, 100 for equal
     * @param stepSeconds the mean of all steps
     * @param winner place of the winner among the seeds
     * @param quality of the winner by the truth
     * @param grade of the winner, for example B+; "none" without evidence
     */
    public record SceneShare(
            double kept,
            List<Double> psnr,
            double stepSeconds,
            int winner,
            double quality,
            String grade) {}

    /**
     * @param models the testbed's
     * @param folder for the store, emptied by the caller
     * @param seeds of the candidates of a scene
     */
    public SparsityRun(Path models, Path folder, List<Long> seeds, Device device, int threads) {
        this.seeds = List.copyOf(seeds);
        this.folder = folder;
        this.threads = threads;
        store = LocalStore.open(folder.resolve("store"));
        var folders = ModelFolders.of(models, Map.of());
        var fingerprints = FileFingerprints.ofUser();
        generator =
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
        reranker =
                StageRunner.of(
                        new RankingStage(folders, fingerprints, device, threads),
                        store,
                        device,
                        threads);
        grades = new GradeStage(folders, fingerprints, device);
    }

    /**
     * Measures one held-out scene.
     *
     * @param shares of the softmax that are computed; 1 must be the first
     */
    public List<SceneShare> measure(int index, List<Double> shares) {
        Scene scene = SceneMaker.scene(Split.TEST.seed(index));
        Truth truth = new Truth(scene, FRAMES);
        RgbImage first = truth.clip().frames().get(0);
        BlobRef image = store.putBlob(Images.png(first), "image/png");
        List<List<RgbImage>> dense = List.of();
        var measured = new ArrayList<SceneShare>();
        var winners = new ArrayList<Path>();
        for (double share : shares) {
            var videos = new ArrayList<CandidateVideo>();
            var clips = new ArrayList<List<RgbImage>>();
            double kept = 0;
            double seconds = 0;
            for (long seed : seeds) {
                var config =
                        ConfigurationFile.set(
                                "parameters={sparseShare: " + share + "}",
                                CandidateConfig.defaults().withSeed(seed));
                var made =
                        generator.run(
                                new CandidateRequest(
                                        WrittenPrompts.ultraEnrich(scene),
                                        image,
                                        seed,
                                        config,
                                        null));
                var used = Objects.requireNonNull(made.result().used());
                kept += used.facts().getOrDefault("keptBlocks", 1.0) / seeds.size();
                seconds +=
                        made.computation().timings().getOrDefault("denoise", 0L)
                                / 1e3
                                / used.timesteps().size()
                                / seeds.size();
                videos.add(new CandidateVideo(seed, made.result().video(), "seed " + seed));
                clips.add(VideoReader.readAll(store.fetch(made.result().video(), folder)));
            }
            if (dense.isEmpty()) {
                dense = clips;
            }
            var psnr = new ArrayList<Double>();
            for (int i = 0; i < clips.size(); i++) {
                psnr.add(psnr(clips.get(i), dense.get(i)));
            }
            int winner = seeds.indexOf(rank(scene, image, videos).winner().seed());
            winners.add(store.fetch(videos.get(winner).video(), folder));
            measured.add(
                    new SceneShare(
                            kept, psnr, seconds, winner, truth.quality(clips.get(winner)), "none"));
        }
        return graded(scene, first, winners, measured);
    }

    private List<SceneShare> graded(
            Scene scene, RgbImage reference, List<Path> winners, List<SceneShare> measured) {
        var files =
                winners.stream()
                        .map(
                                video ->
                                        new VideoFile(
                                                WrittenPrompts.ultraEnrich(scene),
                                                null,
                                                reference,
                                                video))
                        .toList();
        var all =
                grades.gradeFiles(
                        files,
                        EnumSet.allOf(PhaseName.class),
                        GradeConfig.defaults(),
                        null,
                        threads);
        var result = new ArrayList<SceneShare>();
        for (int i = 0; i < measured.size(); i++) {
            var failure = all.get(i).failure();
            if (failure != null) {
                throw failure;
            }
            var graded = all.get(i).result();
            String grade = graded == null || graded.grade() == null ? "none" : graded.grade();
            var m = measured.get(i);
            result.add(
                    new SceneShare(
                            m.kept(), m.psnr(), m.stepSeconds(), m.winner(), m.quality(), grade));
        }
        return result;
    }

    private RankingResult rank(Scene scene, BlobRef image, List<CandidateVideo> videos) {
        return reranker.run(
                        new RankingRequest(
                                Prompts.verbose(scene, 0),
                                WrittenPrompts.ultraEnrich(scene),
                                null,
                                image,
                                videos,
                                RankingConfig.defaults(),
                                null))
                .result();
    }

    /** Peak signal to noise over all frames, dB, of 8-bit values. */
    static double psnr(List<RgbImage> clip, List<RgbImage> other) {
        double sum = 0;
        long count = 0;
        for (int i = 0; i < clip.size(); i++) {
            byte[] a = clip.get(i).rgb();
            byte[] b = other.get(i).rgb();
            for (int k = 0; k < a.length; k++) {
                double d = (a[k] & 0xff) - (b[k] & 0xff);
                sum += d * d;
            }
            count += a.length;
        }
        return sum == 0
                ? BEST_PSNR
                : Math.min(BEST_PSNR, 10 * Math.log10(255.0 * 255 * (double) count / sum));
    }

    @Override
    public void close() {
        generator.close();
        reranker.close();
        grades.close();
        store.close();
    }
}
