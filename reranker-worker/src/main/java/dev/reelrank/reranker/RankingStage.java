package dev.reelrank.reranker;

import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.perception.Instance;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.RankingResult.Winner;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.ranking.SubjectPhrase;
import dev.reelrank.reranker.explain.ContactSheet;
import dev.reelrank.reranker.explain.RankingDetails;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.Images;
import dev.reelrank.worker.DeviceGrowth;
import dev.reelrank.worker.Gpus;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ranking stage: which candidate of a sample to keep.
 *
 * <p>Runs on CPU cores or a GPU; on a GPU with the float16 graphs where the models have them.
 */
public final class RankingStage implements Stage<RankingRequest, RankingResult> {
    /**
     * Full-size SAM3 and DINOv3 with their activations, as measured (docs/ranking.md): 10.3 GiB of
     * an H200, 5.6 GiB on CPU cores. The small models need a fraction.
     */
    private static final double FULL_GPU_GIB = 11;

    private static final double FULL_CPU_GIB = 6.5;

    private static final Logger LOG = LoggerFactory.getLogger(RankingStage.class);

    private static final double SMALL_GIB = 1;

    /** VGGT-1B: 5 GiB of float32 on the CPU, less on a GPU; an estimate, not measured. */
    private static final double VGGT_GIB = 10;

    private static final String VGGT_WEIGHTS = "model.safetensors";

    private static final long SMALL_BYTES = 200L << 20;

    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final Device device;
    private int threads;
    private @Nullable RankingModels models;
    private @Nullable LoadKey loadedKey;
    private @Nullable DeviceGrowth growth;

    /**
     * @param folders where the models lie
     * @param fingerprints says what is in them
     * @param device the stage will be loaded on
     * @param threads CPU threads of a model, at least 1; what a batch is granted on the CPU counts
     *     from then on
     */
    public RankingStage(
            ModelFolders folders, FileFingerprints fingerprints, Device device, int threads) {
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.device = device;
        this.threads = threads;
    }

    /** Whether it can compute on a GPU of this machine. */
    public static boolean gpuAvailable() {
        return !Gpus.all().isEmpty() && PerceptionSettings.gpuBuild();
    }

    @Override
    public StageName name() {
        return StageName.RANKING;
    }

    @Override
    public int version() {
        // 2: videos are read by their colour tags; a still is not ranked among videos.
        // 3: keeps the mask, identity by frame and heat maps.
        // 4: the subject's phrase is found in the user's own words; the motion term.
        return 4;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        boolean half = device.isCuda() && open("dinov3", ModelName.DINOV3).hasHalf();
        var ranking = (RankingConfig) config;
        boolean lpips = ranking.geometryMeasured().contains(GeometryVggt.NAME);
        return new RankingKey(
                half,
                folders.folder(ModelName.DINOV3),
                folders.folder(ModelName.SAM3),
                ranking.needsVggt() ? folders.folder(ModelName.VGGT) : null,
                lpips ? folders.folder(ModelName.LPIPS) : null);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        var wanted = (RankingKey) key;
        var dinov3 = OnnxFolder.open(wanted.dinov3(), "dinov3");
        var sam3 = OnnxFolder.open(wanted.sam3(), "sam3");
        dinov3.verify();
        sam3.verify();
        return fingerprints.of(wanted.folders());
    }

    private OnnxFolder open(String model, ModelName name) {
        return OnnxFolder.open(folders.folder(name), model);
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        boolean small = open("sam3", ModelName.SAM3).bytes() < SMALL_BYTES;
        double full = device.isCuda() ? FULL_GPU_GIB : FULL_CPU_GIB;
        double gib = (small ? SMALL_GIB : full) + vggtGib(((RankingKey) key).vggt());
        return new Needs(gib, device.isCuda() ? 2 : 0);
    }

    /** Its weights, and of the full size ten frames of 518² with their points. */
    private static double vggtGib(@Nullable Path folder) {
        if (folder == null) {
            return 0;
        }
        try {
            long bytes = Files.size(folder.resolve(VGGT_WEIGHTS));
            return bytes < SMALL_BYTES ? SMALL_GIB : VGGT_GIB;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "cannot read the weights in " + folder + ": " + e,
                    e);
        }
    }

    @Override
    public void load(LoadKey key, Device onto) {
        unload();
        growth = DeviceGrowth.since(onto);
        models = RankingModels.load((RankingKey) key, new PerceptionSettings(onto, threads));
        loadedKey = key;
    }

    /** ONNX Runtime fixes a session's threads when it opens it. */
    private void useCores(int granted) {
        LoadKey key = loadedKey;
        if (!device.isCuda() && granted != threads && models != null && key != null) {
            LOG.info("opening the models again with {} threads instead of {}", granted, threads);
            threads = granted;
            load(key, device);
        }
    }

    /** What the models can not do, for people. */
    public List<String> limits() {
        var said = new ArrayList<String>();
        for (var folder : List.of(open("dinov3", ModelName.DINOV3), open("sam3", ModelName.SAM3))) {
            if (!folder.limits().isBlank()) {
                said.add(folder.limits());
            }
        }
        return said;
    }

    @Override
    public List<Outcome<RankingResult>> run(List<RankingRequest> requests, StageContext context) {
        useCores(context.cores());
        var outcomes = new ArrayList<Outcome<RankingResult>>();
        for (int i = 0; i < requests.size(); i++) {
            outcomes.add(run(i, requests.get(i), context));
        }
        if (growth != null) {
            growth.look();
        }
        return outcomes;
    }

    @Override
    public long peakDeviceBytes() {
        return growth == null ? 0 : growth.mostBytes();
    }

    private Outcome<RankingResult> run(int item, RankingRequest request, StageContext context) {
        try {
            var report = rank(item, request, context);
            if (report.isEmpty()) {
                return new Outcome.Returned<>("cancelled between two frames");
            }
            BlobRef sheet = null;
            BlobRef details = null;
            if (request.config().explain()) {
                details =
                        context.store()
                                .putBlob(
                                        RankingDetails.json(report.get(), seeds(request)),
                                        "application/json");
                sheet =
                        context.store()
                                .putBlob(Images.png(sheet(request, report.get())), "image/png");
            }
            return new Outcome.Success<>(
                    result(request, report.get(), sheet, details), report.get().timings());
        } catch (StageException e) {
            return Outcome.failed(e);
        }
    }

    /** Hears how many candidates are scored. */
    @FunctionalInterface
    public interface FilesProgress {
        void finished(int candidates, int of);
    }

    /**
     * The same on local files, with everything that explains the result.
     *
     * @param preference one rank a video, all different; 0 is the default choice
     */
    public RankingReport rankFiles(
            RgbImage reference,
            String prompt,
            @Nullable String subject,
            List<Path> videos,
            int[] preference,
            RankingConfig config,
            FilesProgress progress) {
        var candidates = new ArrayList<Ranker.Candidate>();
        for (int i = 0; i < videos.size(); i++) {
            var video = videos.get(i);
            candidates.add(
                    new Ranker.Candidate(
                            String.valueOf(video.getFileName()), video, preference[i]));
        }
        return new Ranker(loaded(), config)
                .rank(
                        reference,
                        prompt,
                        SubjectPhrase.find(prompt, prompt, subject),
                        candidates,
                        new Ranker.Progress() {
                            @Override
                            public void finished(int done, int of) {
                                progress.finished(done, of);
                            }

                            @Override
                            public boolean cancelled() {
                                return false;
                            }
                        })
                .orElseThrow();
    }

    /**
     * A score that about {@code wanted} instances of a phrase in a picture reach: with random
     * weights, where no fixed threshold means anything, it lets measurements segment something.
     */
    public double instanceThresholdFor(RgbImage image, String phrase, int wanted) {
        var scores =
                loaded().sam3().segment(image, phrase, 0, 0.5).stream()
                        .map(Instance::score)
                        .toList();
        if (scores.size() <= wanted) {
            return 0;
        }
        return (scores.get(wanted - 1) + scores.get(wanted)) / 2;
    }

    private RankingModels loaded() {
        if (models == null) {
            throw new IllegalStateException("the ranking stage is not loaded");
        }
        return models;
    }

    /**
     * Ranks and keeps everything that explains the result.
     *
     * @return empty when the context was cancelled
     */
    Optional<RankingReport> rank(int item, RankingRequest request, StageContext context) {
        var image = Images.read(context.store().fetch(request.image(), context.scratch()));
        var subject =
                SubjectPhrase.find(request.prompt(), request.originalPrompt(), request.subject());
        var candidates = new ArrayList<Ranker.Candidate>();
        for (var candidate : request.candidates()) {
            candidates.add(
                    new Ranker.Candidate(
                            candidate.title(),
                            context.store().fetch(candidate.video(), context.scratch()),
                            candidates.size()));
        }
        return new Ranker(loaded(), request.config())
                .rank(
                        image,
                        request.originalPrompt(),
                        subject,
                        candidates,
                        new Ranker.Progress() {
                            @Override
                            public void finished(int done, int of) {
                                context.progress(item, done, of);
                            }

                            @Override
                            public boolean cancelled() {
                                return context.cancelled();
                            }
                        });
    }

    private static BufferedImage sheet(RankingRequest request, RankingReport report) {
        return request.keep() == null
                ? ContactSheet.draw(report)
                : ContactSheet.drawDrafts(
                        report,
                        result(request, report, null, null).kept().stream()
                                .map(seeds(request)::indexOf)
                                .toList());
    }

    static RankingResult result(
            RankingRequest request,
            RankingReport report,
            @Nullable BlobRef sheet,
            @Nullable BlobRef details) {
        var scores = new ArrayList<CandidateScore>();
        for (int i = 0; i < report.candidates().size(); i++) {
            var candidate = report.candidates().get(i);
            var m = candidate.measures();
            scores.add(
                    new CandidateScore(
                            request.candidates().get(i).seed(),
                            m.maskedIdentity(),
                            m.minIdentity(),
                            m.fullIdentity(),
                            m.concentration(),
                            m.concentrationNormalised(),
                            m.temporal(),
                            m.brightnessDrift(),
                            m.duplicateSubject(),
                            candidate.composite(),
                            m.motion(),
                            candidate.geometry()));
        }
        var choice = report.choice();
        return new RankingResult(
                report.subject(),
                report.group().id(),
                report.mask(),
                scores,
                new Winner(
                        request.candidates().get(choice.index()).seed(),
                        choice.index(),
                        choice.reason()),
                choice.spread(),
                sheet,
                details,
                request.keep() == null ? List.of() : kept(scores, choice.index(), request.keep()));
    }

    /**
     * The order in which candidates go on: the chosen one, then by composite; of equals the one
     * that stands first.
     *
     * @param chosen index of the choice
     * @param keep how many of them, at least 1
     * @return their seeds
     */
    public static List<Long> kept(List<CandidateScore> scores, int chosen, int keep) {
        var rest = new ArrayList<>(scores);
        CandidateScore first = rest.remove(chosen);
        rest.sort(Comparator.comparingDouble(CandidateScore::composite).reversed());
        rest.add(0, first);
        return rest.stream().limit(keep).map(CandidateScore::seed).toList();
    }

    private static List<Long> seeds(RankingRequest request) {
        return request.candidates().stream().map(CandidateVideo::seed).toList();
    }

    @Override
    public void unload() {
        var loaded = models;
        models = null;
        if (loaded != null) {
            loaded.close();
        }
    }

    @Override
    public void close() {
        unload();
    }
}
