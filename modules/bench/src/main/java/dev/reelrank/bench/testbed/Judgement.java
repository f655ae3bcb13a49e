package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Truth;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether the reranker's winner is truly better than the average candidate. The candidates pass
 * through the store as videos, as they do in the pipeline.
 */
final class Judgement implements AutoCloseable {
    private final RankingStage stage;
    private final ResultStore store;
    private final Path scratch;
    private final Device device;
    private final Mean gain = new Mean();
    private final List<Double> gains = new ArrayList<>();
    private final Mean possible = new Mean();
    private final Mean chosen = new Mean();
    private final Mean composite = new Mean();

    Judgement(Path models, Path folder, Device device, int threads) {
        this.device = device;
        this.scratch = folder;
        this.store = LocalStore.open(folder.resolve("store"));
        this.stage =
                new RankingStage(
                        ModelFolders.of(models, Map.of()),
                        FileFingerprints.ofUser(),
                        device,
                        threads);
        stage.load(stage.loadKey(RankingConfig.defaults()), device);
    }

    /**
     * Candidates that were ranked.
     *
     * @param qualities of each by the truth, in their order
     */
    record Ranked(RankingResult result, List<Double> qualities) {}

    /** Ranks the candidates of one sample and counts what the winner is worth. */
    void add(Scene scene, Truth truth, String original, String prompt, List<List<RgbImage>> clips) {
        Ranked ranked = rank(scene, truth, original, prompt, clips);
        RankingResult result = ranked.result();
        List<Double> qualities = ranked.qualities();
        double mean = mean(qualities);
        double best = qualities.stream().mapToDouble(q -> q).max().orElseThrow();
        int winner = result.winner().index();
        gain.add(qualities.get(winner) - mean);
        gains.add(Math.round((qualities.get(winner) - mean) * 1e4) / 1e4);
        possible.add(best - mean);
        chosen.add(result.spread() >= RankingConfig.defaults().minSpread());
        composite.add(argmax(result) == qualities.indexOf(best));
    }

    /** Ranks the candidates of one sample and looks up what they are worth. */
    Ranked rank(
            Scene scene, Truth truth, String original, String prompt, List<List<RgbImage>> clips) {
        List<CandidateVideo> videos = new ArrayList<>();
        List<Double> qualities = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            Path file = scratch.resolve("candidate-" + i + ".mp4");
            VideoWriter.write(file, clips.get(i), VideoSettings.h264(8));
            videos.add(
                    new CandidateVideo(i + 1, store.putBlob(file, "video/mp4"), "candidate-" + i));
            List<RgbImage> decoded = VideoReader.readAll(file);
            qualities.add(truth.quality(decoded));
        }
        RankingConfig config = RankingConfig.defaults().withExplain(false);
        var image = store.putBlob(Images.png(truth.clip().frames().get(0)), "image/png");
        var outcome =
                stage.run(
                                List.of(
                                        new RankingRequest(
                                                original, prompt, null, image, videos, config)),
                                new Context())
                        .get(0);
        if (!(outcome instanceof Outcome.Success<RankingResult> success)) {
            throw new IllegalStateException(
                    "scene " + scene.seed() + " could not be ranked: " + outcome);
        }
        return new Ranked(success.result(), qualities);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    private static int argmax(RankingResult result) {
        int at = 0;
        for (int i = 1; i < result.candidates().size(); i++) {
            if (result.candidates().get(i).composite() > result.candidates().get(at).composite()) {
                at = i;
            }
        }
        return at;
    }

    /** The figures by their keys. */
    void write(ObjectNode json) {
        json.put("winnerGain", gain.value());
        json.put("winnerGainLow95", gain.low95());
        json.put("winnerGainPossible", possible.value());
        json.put("winnerChosen", chosen.value());
        json.put("winnerIsBest", composite.value());
        json.put("winnerSamples", gain.count());
        gains.forEach(json.putArray("winnerGains")::add);
    }

    @Override
    public void close() {
        stage.unload();
        store.close();
    }

    private final class Context implements StageContext {
        @Override
        public void progress(int item, int step, int of) {}

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public ResultStore store() {
            return store;
        }

        @Override
        public Path scratch() {
            return scratch;
        }

        @Override
        public Device device() {
            return device;
        }
    }
}
