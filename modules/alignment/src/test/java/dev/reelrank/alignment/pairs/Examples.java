package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Samples and pairs that tests start from. */
final class Examples {
    private Examples() {}

    static BlobRef blob(String content) {
        String hash = Sha256.of(content);
        return new BlobRef("store:blobs/" + hash, hash, content.length(), "video/mp4");
    }

    static JudgedVideo video(long seed, double composite) {
        return new JudgedVideo(seed, blob("video " + seed), Map.of("composite", composite));
    }

    static JudgedSample sample(String id, JudgedVideo... videos) {
        return sample(id, List.of(), videos);
    }

    static JudgedSample sample(String id, List<Preference> preferences, JudgedVideo... videos) {
        return new JudgedSample(
                "run",
                id,
                "A cat walks. " + id,
                blob("image " + id),
                "wan",
                "f".repeat(64),
                CandidateConfig.defaults(),
                Arrays.asList(videos),
                preferences);
    }

    static VideoPair pair(String sampleId, String winner, String loser) {
        return sample(sampleId)
                .pair("ranking", PairVideo.video(blob(winner)), PairVideo.video(blob(loser)), 0.1);
    }
}
