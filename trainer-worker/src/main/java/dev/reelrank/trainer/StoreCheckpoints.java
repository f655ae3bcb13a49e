package dev.reelrank.trainer;

import dev.reelrank.alignment.train.Checkpoints;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The states of one training as drafts of the result store; the two newest are kept. */
final class StoreCheckpoints implements Checkpoints {
    /** The newest may be damaged. */
    private static final int KEPT = 2;

    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,12})\\.safetensors");

    private final ResultStore store;
    private final String inputKey;
    private final Path scratch;

    /**
     * @param inputKey of the training
     * @param scratch for copies out of a remote store
     */
    StoreCheckpoints(ResultStore store, String inputKey, Path scratch) {
        this.store = store;
        this.inputKey = inputKey;
        this.scratch = scratch;
    }

    @Override
    public void store(long step, Path file) {
        store.putDraft(inputKey, name(step), file);
        var steps = steps();
        for (long old : steps.subList(Math.min(KEPT, steps.size()), steps.size())) {
            store.dropDraft(inputKey, name(old));
        }
    }

    @Override
    public List<Stored> newestFirst() {
        var found = new ArrayList<Stored>();
        for (long step : steps()) {
            store.fetchDraft(inputKey, name(step), scratch)
                    .ifPresent(file -> found.add(new Stored(step, file)));
        }
        return found;
    }

    private static String name(long step) {
        return "checkpoint-" + step + ".safetensors";
    }

    /** What there is, the newest first. */
    private List<Long> steps() {
        return store.drafts(inputKey).stream()
                .map(NAME::matcher)
                .filter(Matcher::matches)
                .map(m -> Long.parseLong(m.group(1)))
                .sorted(Comparator.reverseOrder())
                .toList();
    }
}
