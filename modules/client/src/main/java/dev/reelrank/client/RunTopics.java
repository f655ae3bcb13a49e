package dev.reelrank.client;

import dev.reelrank.bus.Topics;
import dev.reelrank.pipeline.StageName;
import java.util.ArrayList;
import java.util.List;

/** The topics that tell the story of runs. */
public final class RunTopics {
    private RunTopics() {}

    /** Samples, the facts of every stage, and the outcomes. */
    public static List<String> of(Topics topics) {
        var names = new ArrayList<String>();
        names.add(topics.samples());
        for (StageName stage : topics.stages().ofSample()) {
            names.add(topics.facts(stage));
        }
        names.add(topics.runs());
        return names;
    }

    public static List<String> withProgress(Topics topics) {
        var names = new ArrayList<>(of(topics));
        names.add(topics.progress());
        return names;
    }
}
