package dev.reelrank.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.Guard;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.alignment.curve.EventFile;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.alignment.train.TrainedAdapters;
import dev.reelrank.alignment.train.TrainingCurves;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.qwen.JudgeTraining;
import dev.reelrank.qwen.QwenJudge;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import dev.reelrank.video.SpreadFrames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Teaches the vision-language model which of two videos people prefer. It keeps no states: such a
 * training takes minutes, and on the CPU one that is repeated ends with the same bytes.
 */
final class JudgeAlign {
    /** The network that its adapters change. */
    static final String NETWORK = "language_model";

    /** Share of held-out pairs whose winner is more likely the better video. */
    static final String ACCURACY = "preference_accuracy";

    /** How sure the model is to answer with yes or no at all. */
    static final String DECIDED = "decided";

    private static final double DECIDED_TOLERANCE = 0.05;
    private static final String PREFIX = "transformer";
    private static final String MEDIA_TYPE = "application/octet-stream";
    private static final List<String> CURVES = List.of("loss", "rewards", "accuracy");

    private final JudgeKey key;
    private final String base;
    private final StageContext context;

    /**
     * @param base fingerprint of the model's files
     */
    JudgeAlign(JudgeKey key, String base, StageContext context) {
        this.key = key;
        this.base = base;
        this.context = context;
    }

    /** Whether a folder holds a vision-language model that can judge. */
    static boolean is(Path folder) {
        Path config = folder.resolve("config.json");
        try {
            return Files.isRegularFile(config)
                    && new ObjectMapper()
                            .readTree(config.toFile())
                            .path("model_type")
                            .asText()
                            .startsWith("qwen3_vl");
        } catch (IOException e) {
            return false;
        }
    }

    Outcome<AlignResult> run(AlignRequest request, String inputKey) {
        AlignConfig config = request.config();
        ParentAdapter.check(
                request,
                new BaseModel(AlignConfig.JUDGE_FAMILY, base),
                JudgeAlign::requireNetwork,
                lora(config),
                context);
        var pairs = RequestedPairs.of(request, null, context.store(), context.scratch());
        for (int i = 0; i < pairs.all().size(); i++) {
            requireVideos(pairs.all().get(i), i + 1);
        }
        long begin = System.nanoTime();
        try (var judge = judge(config, request.parent())) {
            var seen = new Videos(judge);
            try {
                var training = new ArrayList<JudgeTraining.Pair>();
                for (var pair : pairs.split().training()) {
                    training.add(seen.pair(pair, pairs.all().indexOf(pair) + 1));
                    context.progress(
                            0, 0, config.steps(), Map.of("encodedPairs", (double) training.size()));
                }
                long encoded = System.nanoTime();
                var history = new StepHistory(context.store(), inputKey, context.scratch(), true);
                boolean ended =
                        new JudgeTraining(judge, JudgeTraining.Settings.of(config))
                                .run(training, step -> heard(step, config, history));
                if (!ended) {
                    return new Outcome.Returned<>("cancelled while the judge was trained");
                }
                long trained = System.nanoTime();
                var result = result(request, pairs, judge, seen, history);
                return new Outcome.Success<>(
                        result,
                        Map.of(
                                "encode", (encoded - begin) / 1_000_000,
                                "train", (trained - encoded) / 1_000_000,
                                "compare", (System.nanoTime() - trained) / 1_000_000));
            } finally {
                seen.close();
            }
        }
    }

    private static void requireVideos(VideoPair pair, int number) {
        if (pair.winner().form() != PairVideo.Form.VIDEO
                || pair.loser().form() != PairVideo.Form.VIDEO) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "pair %d (%s) holds latents: the vision-language model learns from videos"
                            .formatted(number, pair.id()));
        }
    }

    private static void requireNetwork(String network) {
        if (!network.equals(NETWORK)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "it changes the network '%s', and the vision-language model has %s"
                            .formatted(network, NETWORK));
        }
    }

    private static LoraConfig lora(AlignConfig config) {
        var targets = config.targets().isEmpty() ? QwenJudge.TARGETS : config.targets();
        return new LoraConfig(config.rank(), config.alpha(), config.dropout(), targets);
    }

    private QwenJudge judge(AlignConfig config, @Nullable AdapterRef parent) {
        var judge =
                QwenJudge.load(
                        key.folder(),
                        context.device(),
                        key.weights(),
                        new LoraLayers(lora(config), config.seed()),
                        QwenJudge.Wording.BETTER);
        if (parent != null) {
            try (var scope = TensorScope.inference()) {
                var file = Objects.requireNonNull(parent.files().get(NETWORK));
                Path stored = context.store().fetch(file, context.scratch());
                TrainedAdapters.begin(judge.adapters(), DiffusersAdapter.read(stored, PREFIX));
            } catch (RuntimeException e) {
                judge.close();
                throw e;
            }
        }
        return judge;
    }

    private boolean heard(JudgeTraining.Step step, AlignConfig config, StepHistory history) {
        var report =
                new StepReport(
                        step.step(),
                        config.steps(),
                        NETWORK,
                        step.loss(),
                        step.chosen(),
                        step.rejected(),
                        step.accuracy(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        step.gradientNorm(),
                        step.learningRate(),
                        step.seconds(),
                        MemoryReport.of(dev.reelrank.torch.TorchDevice.of(context.device())));
        history.add(report);
        context.progress(0, step.step(), config.steps(), history.figures(report));
        return !context.cancelled();
    }

    /** What the model sees of each video, computed once. */
    private final class Videos implements AutoCloseable {
        private final QwenJudge judge;
        private final Map<String, QwenJudge.Seen> seen = new HashMap<>();

        Videos(QwenJudge judge) {
            this.judge = judge;
        }

        JudgeTraining.Pair pair(VideoPair pair, int number) {
            return new JudgeTraining.Pair(
                    look(pair.winner().blob(), pair, number, "winner"),
                    look(pair.loser().blob(), pair, number, "loser"));
        }

        private QwenJudge.Seen look(BlobRef video, VideoPair pair, int number, String side) {
            var before = seen.get(video.sha256());
            if (before != null) {
                return before;
            }
            try {
                Path file = context.store().fetch(video, context.scratch());
                var looked = judge.look(SpreadFrames.of(file, GradeConfig.defaults().frames()));
                seen.put(video.sha256(), looked);
                return looked;
            } catch (StageException e) {
                throw new StageException(
                        e.code(),
                        "pair %d (%s): its %s cannot be read: %s"
                                .formatted(number, pair.id(), side, e.getMessage()),
                        e);
            }
        }

        @Override
        public void close() {
            seen.values().forEach(QwenJudge.Seen::close);
            seen.clear();
        }
    }

    private AlignResult result(
            AlignRequest request,
            RequestedPairs pairs,
            QwenJudge judge,
            Videos seen,
            StepHistory history) {
        var store = context.store();
        AlignConfig config = request.config();
        Path file = context.scratch().resolve(NETWORK + ".safetensors");
        try (var scope = TensorScope.inference()) {
            DiffusersAdapter.write(
                    file,
                    PREFIX,
                    new NetworkAdapter(config.rank(), config.alpha(), judge.adapters().tensors()));
        }
        var files = Map.of(NETWORK, store.putBlob(file, MEDIA_TYPE));
        Path folder = context.scratch().resolve("curves");
        BlobRef events;
        var report = new ReportFolder(folder);
        try (var written = EventFile.create(folder, request.name(), Clock.systemUTC())) {
            var drawn = new TrainingCurves(written, List.of());
            history.reports().forEach(drawn::add);
            drawn.draw(folder);
            events = store.putBlob(written.file(), MEDIA_TYPE);
        }
        var curves = new LinkedHashMap<String, BlobRef>();
        for (String name : CURVES) {
            Path picture = folder.resolve(name + ".png");
            if (Files.exists(picture)) {
                curves.put(name, store.putBlob(picture, "image/png"));
            }
        }
        var figures = new LinkedHashMap<>(history.figures());
        var state = AdapterState.CANDIDATE;
        String reason = "not compared with its base: no sample was held out";
        BlobRef page = null;
        var heldOut = pairs.split().heldOut();
        if (!heldOut.isEmpty() && config.compareSamples() > 0) {
            var compared = compared(request.name(), heldOut, pairs, judge, seen);
            report.write(compared);
            state = compared.verdict().accepted() ? AdapterState.ACCEPTED : AdapterState.REJECTED;
            reason = compared.verdict().reason();
            page =
                    store.putBlob(
                            HeldOutComparison.zipped(
                                    folder, context.scratch().resolve("report.zip")),
                            "application/zip");
            compared.comparison()
                    .changes()
                    .forEach(
                            (metric, change) -> {
                                figures.put("base." + metric, change.base().mean());
                                figures.put("adapter." + metric, change.adapter().mean());
                            });
        }
        return new AlignResult(
                AlignConfig.JUDGE_FAMILY,
                base,
                files,
                config,
                request.parent(),
                pairs.stored(request, store),
                pairs.split().training().size(),
                heldOut.size(),
                config.steps(),
                figures,
                curves,
                events,
                "",
                state,
                reason,
                page);
    }

    /** Base against adapter on pairs of samples that were not learned from. */
    private ComparisonReport compared(
            String name,
            List<VideoPair> heldOut,
            RequestedPairs pairs,
            QwenJudge judge,
            Videos seen) {
        var clips = new ArrayList<ComparedClip>();
        for (var pair : heldOut) {
            var both = seen.pair(pair, pairs.all().indexOf(pair) + 1);
            clips.add(
                    new ComparedClip(
                            pair.sampleId(),
                            clips.size(),
                            figures(judge, both, false),
                            figures(judge, both, true)));
        }
        var gate =
                new Gate(
                        ACCURACY, true, List.of(new Guard(DECIDED, true, DECIDED_TOLERANCE, true)));
        return ComparisonReport.of(
                name, key.folder().getFileName().toString(), gate, clips, Bootstrap.DEFAULT);
    }

    private static Map<String, Double> figures(
            QwenJudge judge, JudgeTraining.Pair pair, boolean adapted) {
        judge.adapters().on(adapted);
        double chosen = judge.odds(pair.chosen());
        double rejected = judge.odds(pair.rejected());
        double decided =
                (judge.answer(pair.chosen()).decided() + judge.answer(pair.rejected()).decided())
                        / 2;
        judge.adapters().on(true);
        double right = chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0;
        return Map.of(ACCURACY, right, DECIDED, decided);
    }
}
