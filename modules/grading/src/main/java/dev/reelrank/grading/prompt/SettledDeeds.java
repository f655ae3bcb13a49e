package dev.reelrank.grading.prompt;

import java.util.LinkedHashSet;
import java.util.List;

/** Which of the deeds that a prompt tells of are asked about. */
final class SettledDeeds {
    private SettledDeeds() {}

    /**
     * What moves does not rest: "stands on a wall" and "does not rise" count only for what does
     * nothing else. The first that moves comes first.
     */
    static List<Deed> of(List<Deed> all) {
        var kept = new LinkedHashSet<Deed>();
        all.stream()
                .filter(d -> !d.rest())
                .filter(d -> !d.sentence().matches("the \\S+ moves") || !doesMore(all, d))
                .forEach(kept::add);
        for (Deed d : all) {
            boolean other = kept.stream().anyMatch(k -> k.actor() == d.actor());
            if (d.rest() && !other) {
                kept.add(d);
            }
        }
        return List.copyOf(kept);
    }

    /** "Only the ring moves" tells no more than how it moves. */
    private static boolean doesMore(List<Deed> all, Deed bare) {
        return all.stream()
                .anyMatch(
                        d ->
                                !d.rest()
                                        && d.actor() == bare.actor()
                                        && !d.sentence().equals(bare.sentence()));
    }
}
