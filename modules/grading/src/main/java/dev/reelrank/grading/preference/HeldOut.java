package dev.reelrank.grading.preference;

import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.config.TuneConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How good two versions are on selections that neither has learned.
 *
 * <p>Setting a quarter of the selections aside says next to nothing while there are a dozen of
 * them: three pairs, of which one decides. So every selection is held out once (grouped
 * cross-validation): the samples are dealt into folds by the hash of their name, and for each fold
 * the new version is trained without it and asked about it. The parent is asked about the same
 * selections; it cannot have learned them, because only those count that are new since then.
 * Selections of one sample share videos and are therefore in one fold; where there is but one
 * sample, every selection is a fold of its own, and the estimate is kinder than it should be.
 *
 * <p>There are as many folds as samples up to 20, more only if {@link TuneConfig#heldOut} wants
 * smaller ones. With a share of 0, or with a single selection, nothing is held out: the new version
 * is then taken as no better than its parent, and is kept.
 */
final class HeldOut {
    private static final int FOLDS = 20;

    private HeldOut() {}

    /**
     * Accuracies on the same selections, 0..1.
     *
     * @param before of the parent; 0.5 without one
     * @param after of what the same training makes without them
     */
    record Judged(double before, double after) {}

    static Judged judge(
            List<String> features,
            @Nullable PreferenceModel parent,
            List<FeaturePair> pairs,
            TuneConfig config) {
        Set<String> known = parent == null ? Set.of() : new HashSet<>(parent.learned());
        Map<String, Integer> folds = folds(pairs, config.heldOut());
        int count = new HashSet<>(folds.values()).size();
        double before = 0;
        double after = 0;
        int judged = 0;
        for (int fold = 0; fold < count && count > 1; fold++) {
            List<FeaturePair> learned = new ArrayList<>();
            List<FeaturePair> asked = new ArrayList<>();
            for (var p : pairs) {
                if (Objects.requireNonNull(folds.get(p.id())) != fold) {
                    learned.add(p);
                } else if (!known.contains(p.id())) {
                    asked.add(p);
                }
            }
            if (asked.isEmpty()) {
                continue;
            }
            var without = Training.fit(features, parent, learned, config, new ArrayList<>());
            for (var p : asked) {
                before += parent == null ? 0.5 : Training.right(parent, p);
                after += Training.right(without, p);
                judged++;
            }
        }
        if (judged == 0) {
            double same = parent == null ? 0.5 : Training.accuracy(parent, pairs);
            return new Judged(same, same);
        }
        return new Judged(before / judged, after / judged);
    }

    /** The fold of every selection, by its id. */
    private static Map<String, Integer> folds(List<FeaturePair> pairs, double share) {
        boolean several = pairs.stream().map(FeaturePair::sample).distinct().count() > 1;
        List<String> groups =
                pairs.stream()
                        .map(p -> several ? p.sample() : p.id())
                        .distinct()
                        .sorted(Comparator.comparing(Sha256::of))
                        .toList();
        int folds =
                share <= 0
                        ? 1
                        : Math.min(groups.size(), Math.max(FOLDS, (int) Math.ceil(1 / share)));
        Map<String, Integer> of = new HashMap<>();
        pairs.forEach(p -> of.put(p.id(), groups.indexOf(several ? p.sample() : p.id()) % folds));
        return of;
    }
}
