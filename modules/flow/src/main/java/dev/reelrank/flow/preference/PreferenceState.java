package dev.reelrank.flow.preference;

import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The selections and what came of them.
 *
 * @param pairs every selection, oldest first, each once
 * @param asked how many of them the last training was given
 * @param trainings how many were asked for; the next one's epoch
 * @param tuning the training that is outstanding, null if none is
 * @param wanted whether another one was asked for meanwhile
 * @param versions every version of the model that was ever in force, by number; 0 is none
 * @param standards what readers of {@code quality.standards} know, null before the first training
 */
public record PreferenceState(
        List<PreferencePair> pairs,
        int asked,
        int trainings,
        @Nullable WorkState tuning,
        boolean wanted,
        Map<Long, PreferenceVersion> versions,
        @Nullable QualityStandards standards) {
    /** Twice as much stands in the state while a training is outstanding. */
    private static final long MOST_BYTES = 6 << 20;

    public static final PreferenceState EMPTY =
            new PreferenceState(
                    List.of(), 0, 0, null, false, Map.of(0L, PreferenceVersion.NONE), null);

    public PreferenceState {
        pairs = List.copyOf(pairs);
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /** The version in force. */
    public PreferenceVersion current() {
        return standards == null ? PreferenceVersion.NONE : standards.preference();
    }

    /**
     * The number of the version that the next training makes: every training has its own, whatever
     * becomes of it, so none is given twice, not even after going back or to a training that was no
     * longer waited for.
     */
    long nextVersion() {
        long highest = versions.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        return Math.max(highest, trainings) + 1;
    }

    /** Selections that no training was given yet. */
    int fresh() {
        return pairs.size() - asked;
    }

    /**
     * With another pair, and without the oldest that would be too many: the state, and the request
     * for a training, which carries them all, have to fit into a record.
     */
    PreferenceState with(PreferencePair pair) {
        var all = new ArrayList<>(pairs);
        all.add(pair);
        long size = all.stream().mapToLong(PreferenceState::size).sum();
        int dropped = 0;
        while (size > MOST_BYTES && dropped < all.size() - 1) {
            size -= size(all.get(dropped));
            dropped++;
        }
        return new PreferenceState(
                all.subList(dropped, all.size()),
                Math.max(0, asked - dropped),
                trainings,
                tuning,
                wanted,
                versions,
                standards);
    }

    /** More than a pair takes as JSON, where a control character takes six bytes. */
    private static long size(PreferencePair pair) {
        return 800L
                + 6L
                        * (pair.selectionId().length()
                                + pair.originalPrompt().length()
                                + pair.subjectGroup().length());
    }

    /** The outstanding training moves on; null: it has ended. */
    PreferenceState withTuning(@Nullable WorkState work) {
        return new PreferenceState(pairs, asked, trainings, work, wanted, versions, standards);
    }

    PreferenceState withWanted(boolean want) {
        return new PreferenceState(pairs, asked, trainings, tuning, want, versions, standards);
    }

    /** A training on all pairs is outstanding. */
    PreferenceState withTraining(WorkState work) {
        return new PreferenceState(
                pairs, pairs.size(), trainings + 1, work, false, versions, standards);
    }

    PreferenceState withStandards(Map<Long, PreferenceVersion> known, QualityStandards learned) {
        return new PreferenceState(pairs, asked, trainings, tuning, wanted, known, learned);
    }
}
