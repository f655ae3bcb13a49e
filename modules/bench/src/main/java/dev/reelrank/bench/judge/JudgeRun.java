package dev.reelrank.bench.judge;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.grading.preference.FeaturePair;
import dev.reelrank.grading.preference.PreferenceModel;
import dev.reelrank.grading.preference.Training;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.qwen.JudgeTraining;
import dev.reelrank.qwen.QwenJudge;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import dev.reelrank.video.SpreadFrames;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Both preference models learn the same selections of a simulated user and judge the same pairs of
 * other samples.
 *
 * @param models the testbed's
 * @param work keeps videos and features; processes may share it
 * @param heldOut whose samples judge
 * @param selections to learn from, by amount
 * @param judged pairs that judge
 * @param tastes of the users
 * @param config of the adapter: rank, steps and so on
 * @param device of the vision-language model; features are measured on the CPU
 * @param cores for both models, on the CPU
 */
public record JudgeRun(
        Path models,
        Path work,
        Split heldOut,
        List<Integer> selections,
        int judged,
        List<Taste> tastes,
        AlignConfig config,
        Device device,
        int cores) {
    /** First train sample: no other benchmark uses these. */
    private static final int FROM = 6000;

    public JudgeRun {
        selections = List.copyOf(selections);
        tastes = List.copyOf(tastes);
    }

    private static final class Samples {
        final List<Candidates> learned;
        final List<Candidates> judges;

        Samples(List<Candidates> learned, List<Candidates> judges) {
            this.learned = learned;
            this.judges = judges;
        }
    }

    /** Measures the tastes. */
    public ObjectNode measure(Consumer<String> progress) throws IOException {
        // libtorch would take every core for the vision-language model, and several of these
        // processes beside each other would wait for one another.
        int before = TorchRuntime.threads();
        TorchRuntime.threads(cores);
        try {
            return measured(progress);
        } finally {
            TorchRuntime.threads(before);
        }
    }

    private ObjectNode measured(Consumer<String> progress) throws IOException {
        Files.createDirectories(work);
        int most = selections.stream().mapToInt(Integer::intValue).max().orElseThrow();
        var samples =
                new Samples(
                        IntStream.range(0, most)
                                .mapToObj(i -> Candidates.of(Split.TRAIN, FROM + i, work))
                                .toList(),
                        IntStream.range(0, judged)
                                .mapToObj(i -> Candidates.of(heldOut, i, work))
                                .toList());
        ObjectNode json = new ObjectMapper().createObjectNode();
        long begin = System.nanoTime();
        var features = features(samples, progress);
        json.put("featureSeconds", seconds(begin));
        begin = System.nanoTime();
        ObjectNode byTaste = json.putObject("tastes");
        for (Taste taste : tastes) {
            var byAmount = byTaste.putArray(taste.id());
            for (int amount : selections) {
                var learned = samples.learned.subList(0, amount);
                ObjectNode row = byAmount.addObject();
                row.put("selections", amount);
                begin = System.nanoTime();
                write(row.putObject("head"), byHead(taste, learned, samples.judges, features));
                row.put("headSeconds", seconds(begin));
                begin = System.nanoTime();
                byVlm(row, taste, learned, samples.judges);
                row.put("vlmSeconds", seconds(begin));
                progress.accept(taste.id() + ": " + row);
            }
        }
        return json;
    }

    private static double seconds(long begin) {
        return Math.round((System.nanoTime() - begin) / 1e8) / 10.0;
    }

    /** Of all videos, for the linear model; measured once. */
    private Map<Path, Map<String, Double>> features(Samples samples, Consumer<String> progress) {
        var kept = new FeatureFiles(work);
        var all = new ArrayList<VideoFile>();
        for (var each : List.of(samples.learned, samples.judges)) {
            for (var c : each) {
                for (Path video : List.of(c.firstVideo(), c.secondVideo())) {
                    all.add(new VideoFile(c.prompt(), null, c.reference(), video));
                }
            }
        }
        long missing = all.stream().filter(v -> !kept.has(v.video())).count();
        if (missing > 0) {
            progress.accept("measuring " + missing + " videos for the linear model");
            try (var stage =
                    new GradeStage(
                            ModelFolders.of(models), FileFingerprints.ofUser(), Device.CPU)) {
                kept.complete(all, VideoFile::video, some -> measured(stage, some));
            }
        }
        var features = new LinkedHashMap<Path, Map<String, Double>>();
        all.forEach(v -> features.put(v.video(), kept.of(v.video())));
        return features;
    }

    private List<Map<String, Double>> measured(GradeStage stage, List<VideoFile> videos) {
        var features = new ArrayList<Map<String, Double>>();
        for (var graded :
                stage.gradeFiles(
                        videos,
                        EnumSet.of(PhaseName.PERCEPTION, PhaseName.MOTION),
                        GradeConfig.defaults(),
                        null,
                        cores)) {
            if (graded.failure() != null) {
                throw graded.failure();
            }
            features.add(graded.features());
        }
        return features;
    }

    /** A pair with the preferred video first. */
    private record Chosen(Candidates of, Path chosen, Path rejected) {
        static Chosen by(Taste taste, Candidates c) {
            return taste.prefers(c.first(), c.second())
                    ? new Chosen(c, c.firstVideo(), c.secondVideo())
                    : new Chosen(c, c.secondVideo(), c.firstVideo());
        }
    }

    /** One number per held-out sample: 1 where the model prefers what the user prefers. */
    private List<Double> byHead(
            Taste taste,
            List<Candidates> learned,
            List<Candidates> judges,
            Map<Path, Map<String, Double>> features) {
        var names =
                features.values().iterator().next().keySet().stream()
                        .filter(n -> features.values().stream().allMatch(f -> f.containsKey(n)))
                        .sorted()
                        .toList();
        if (names.isEmpty()) {
            throw new StageException(FailureCode.INTERNAL_ERROR, "the videos share no feature");
        }
        var pairs =
                learned.stream()
                        .map(c -> Chosen.by(taste, c))
                        .map(
                                c ->
                                        new FeaturePair(
                                                c.of().sample(),
                                                c.of().sample(),
                                                vector(features, c.chosen(), names),
                                                vector(features, c.rejected(), names)))
                        .toList();
        PreferenceModel model = Training.train(names, null, pairs, TuneConfig.defaults()).model();
        return judges.stream()
                .map(c -> Chosen.by(taste, c))
                .map(
                        c ->
                                right(
                                        model.logit(vector(features, c.chosen(), names)),
                                        model.logit(vector(features, c.rejected(), names))))
                .toList();
    }

    private static double[] vector(
            Map<Path, Map<String, Double>> features, Path video, List<String> names) {
        var values = Objects.requireNonNull(features.get(video));
        return names.stream().mapToDouble(n -> Objects.requireNonNull(values.get(n))).toArray();
    }

    private static double right(double chosen, double rejected) {
        return chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0;
    }

    private void byVlm(
            ObjectNode row, Taste taste, List<Candidates> learned, List<Candidates> judges) {
        var lora = new LoraConfig(config.rank(), config.alpha(), 0, QwenJudge.TARGETS);
        try (var judge =
                QwenJudge.load(
                        models.resolve("qwen"),
                        device,
                        QwenPrecision.parse(config.precision(), device),
                        new LoraLayers(lora, config.seed()),
                        QwenJudge.Wording.BETTER)) {
            var training = seen(judge, taste, learned);
            var judging = seen(judge, taste, judges);
            judge.adapters().on(false);
            write(row.putObject("vlmBase"), judged(judge, judging));
            judge.adapters().on(true);
            var last = new double[1];
            new JudgeTraining(judge, JudgeTraining.Settings.of(config))
                    .run(
                            training,
                            step -> {
                                last[0] = step.loss();
                                return true;
                            });
            row.put("vlmLoss", Math.round(last[0] * 1e4) / 1e4);
            write(row.putObject("vlm"), judged(judge, judging));
            close(training);
            close(judging);
        }
    }

    private static List<JudgeTraining.Pair> seen(
            QwenJudge judge, Taste taste, List<Candidates> candidates) {
        int frames = GradeConfig.defaults().frames();
        var pairs = new ArrayList<JudgeTraining.Pair>();
        for (var c : candidates) {
            var chosen = Chosen.by(taste, c);
            pairs.add(
                    new JudgeTraining.Pair(
                            judge.look(SpreadFrames.of(chosen.chosen(), frames)),
                            judge.look(SpreadFrames.of(chosen.rejected(), frames))));
        }
        return pairs;
    }

    private static List<Double> judged(QwenJudge judge, List<JudgeTraining.Pair> pairs) {
        return pairs.stream()
                .map(p -> right(judge.odds(p.chosen()), judge.odds(p.rejected())))
                .toList();
    }

    private static void close(List<JudgeTraining.Pair> pairs) {
        for (var pair : pairs) {
            pair.chosen().close();
            pair.rejected().close();
        }
    }

    private static void write(ObjectNode json, List<Double> right) {
        var interval = Bootstrap.DEFAULT.mean(right.stream().map(r -> new double[] {r}).toList());
        json.put("accuracy", Math.round(interval.mean() * 1e4) / 1e4);
        json.put("low95", Math.round(interval.low() * 1e4) / 1e4);
        json.put("high95", Math.round(interval.high() * 1e4) / 1e4);
    }
}
