package dev.reelrank.alignment.pairs;

import java.util.ArrayList;
import java.util.LinkedHashMap;

/**
 * Pairs from the selections of users. Every selection is a pair; where two selections of a sample
 * contradict each other, the later one counts.
 */
public final class SelectionPairs implements PairSource {
    @Override
    public String id() {
        return "selections";
    }

    @Override
    public Drawn draw(JudgedSample sample) {
        var pairs = new ArrayList<VideoPair>();
        var skipped = new ArrayList<String>();
        if (sample.preferences().isEmpty()) {
            skipped.add("no user has compared candidates of this sample");
        }
        // By the two seeds, whichever was chosen: the latest choice replaces the earlier ones.
        var latest = new LinkedHashMap<String, Preference>();
        for (var preference : sample.preferences()) {
            long low = Math.min(preference.chosenSeed(), preference.rejectedSeed());
            long high = Math.max(preference.chosenSeed(), preference.rejectedSeed());
            if (latest.put(low + "/" + high, preference) != null) {
                skipped.add("a later selection compares the same two candidates");
            }
        }
        for (var preference : latest.values()) {
            var chosen = sample.video(preference.chosenSeed());
            var rejected = sample.video(preference.rejectedSeed());
            if (chosen.isEmpty() || rejected.isEmpty()) {
                skipped.add("a selected candidate no longer exists in the run");
            } else if (chosen.get().video().sha256().equals(rejected.get().video().sha256())) {
                skipped.add("winner and loser have the same bytes");
            } else {
                pairs.add(
                        sample.pair(
                                id(),
                                PairVideo.generated(chosen.get()),
                                PairVideo.generated(rejected.get()),
                                1));
            }
        }
        return new Drawn(pairs, skipped);
    }
}
