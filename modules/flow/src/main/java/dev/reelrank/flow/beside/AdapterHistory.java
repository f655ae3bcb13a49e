package dev.reelrank.flow.beside;

import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.PairFacts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What became of the trainings of one name.
 *
 * @param versions the latest word on each, oldest first
 * @param fresh pairs that no training was given yet, oldest first
 * @param known ids of all pairs that were ever drawn for it
 */
public record AdapterHistory(
        List<AdapterUpdated> versions, List<PairFacts> fresh, Set<String> known) {
    /** None yet. */
    public static final AdapterHistory EMPTY = new AdapterHistory(List.of(), List.of(), Set.of());

    public AdapterHistory {
        versions = List.copyOf(versions);
        fresh = List.copyOf(fresh);
        // In its order, so that equal histories have equal bytes.
        known = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(known));
    }

    /** The number of the next version: none is given twice. */
    public long nextVersion() {
        return versions.stream().mapToLong(v -> v.adapter().version()).max().orElse(0) + 1;
    }

    /** A version, if there is one of this number. */
    public Optional<AdapterUpdated> version(long number) {
        return versions.stream().filter(v -> v.adapter().version() == number).findFirst();
    }

    /** The same with a version, in place of what was known of it. */
    public AdapterHistory with(AdapterUpdated latest) {
        var all = new ArrayList<>(versions);
        all.removeIf(v -> v.adapter().version() == latest.adapter().version());
        all.add(latest);
        all.sort(java.util.Comparator.comparingLong(v -> v.adapter().version()));
        return new AdapterHistory(all, fresh, known);
    }

    /** The same with a pair that no training was given yet. */
    public AdapterHistory with(PairFacts pair) {
        var pairs = new ArrayList<>(fresh);
        pairs.add(pair);
        var ids = new LinkedHashSet<>(known);
        ids.add(pair.id());
        return new AdapterHistory(versions, pairs, ids);
    }

    /** The same without a fresh pair that says the contrary: it was not learned. */
    public AdapterHistory withoutOpposite(PairFacts pair) {
        var pairs = new ArrayList<>(fresh);
        var ids = new LinkedHashSet<>(known);
        for (var other : fresh) {
            if (other.winner().sha256().equals(pair.loser().sha256())
                    && other.loser().sha256().equals(pair.winner().sha256())
                    && other.prompt().equals(pair.prompt())) {
                pairs.remove(other);
                ids.remove(other.id());
            }
        }
        return new AdapterHistory(versions, pairs, ids);
    }

    /** The same when a training was given all fresh pairs. */
    public AdapterHistory withoutFresh() {
        return new AdapterHistory(versions, List.of(), known);
    }
}
