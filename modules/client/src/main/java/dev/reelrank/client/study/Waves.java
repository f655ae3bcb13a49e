package dev.reelrank.client.study;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.stage.InputKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which runs go side by side, and which ones later: of runs that share a video, one generates it
 * and the others find it in the store.
 */
final class Waves {
    private final List<List<String>> runs = new ArrayList<>();

    /** By wave: what its runs may generate, because no wave before did. */
    private final List<Set<Video>> claimed = new ArrayList<>();

    /** By wave: what is stored when it has ended. */
    private final List<Set<Video>> stored = new ArrayList<>();

    private Waves() {}

    /**
     * A video that a configuration may need of each sample.
     *
     * @param prompt how its prompt is written
     * @param model that generates it
     * @param generation what else decides what is generated
     */
    private record Video(PromptConfig prompt, String model, String generation) {}

    /**
     * Sorts runs. Those that need most go first; all whose videos are there by then go together.
     *
     * @param runs configurations by the names of their runs
     * @return names, one wave after the other
     */
    static List<List<String>> of(Map<String, RunConfiguration> runs) {
        var waves = new Waves();
        runs.entrySet().stream()
                .sorted(
                        Comparator.comparing(
                                        (Map.Entry<String, RunConfiguration> r) ->
                                                r.getValue().candidate().prunes())
                                .thenComparing(r -> -videos(r.getValue()).size()))
                .forEach(r -> waves.add(r.getKey(), r.getValue()));
        return waves.runs;
    }

    private void add(String run, RunConfiguration configuration) {
        Set<Video> videos = videos(configuration);
        var missing = new HashSet<>(videos);
        int wave = 0;
        while (wave < runs.size() && !Collections.disjoint(claimed.get(wave), missing)) {
            missing.removeAll(stored.get(wave));
            wave++;
        }
        if (wave == runs.size()) {
            runs.add(new ArrayList<>());
            claimed.add(new HashSet<>());
            stored.add(new HashSet<>());
        }
        runs.get(wave).add(run);
        claimed.get(wave).addAll(missing);
        if (!configuration.candidate().prunes()) {
            stored.get(wave).addAll(videos);
        }
    }

    /**
     * Those of further seeds too, though whether they are needed is known only afterwards: a run
     * may then generate one that an earlier run did not need.
     */
    private static Set<Video> videos(RunConfiguration configuration) {
        CandidateConfig candidate = configuration.candidate();
        var seeds = new ArrayList<>(candidate.candidateSeeds());
        seeds.addAll(candidate.furtherSeeds());
        var videos = new HashSet<Video>();
        for (long seed : seeds) {
            videos.add(
                    new Video(
                            configuration.prompt(),
                            candidate.modelOf(seed),
                            InputKey.ofPart(candidate.withSeed(seed))));
        }
        return videos;
    }
}
