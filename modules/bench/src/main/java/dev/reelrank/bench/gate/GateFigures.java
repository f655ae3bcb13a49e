package dev.reelrank.bench.gate;

import dev.reelrank.grading.gate.Decision;
import dev.reelrank.grading.gate.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often the gate decides what, by the kind of defect.
 *
 * @param missed goals that are not reached, in words
 */
record GateFigures(
        String command,
        String commit,
        String hardware,
        String split,
        int firstScene,
        int scenes,
        Map<String, Row> kinds,
        List<String> missed) {
    /** Of the clips of each defect, at least this share is not kept. */
    static final double FOUND = 0.95;

    /** Of the clean clips, at most this share is rejected, */
    static final double REJECTED = 0.03;

    /** and at most this one is to be looked at. */
    static final double REVIEWED = 0.10;

    /**
     * The clips of one kind.
     *
     * @param decidedBy how often each measure or rule decided, the most frequent first
     * @param wrong clips that the gate decided wrongly, their ids; at most forty
     */
    record Row(
            int clips,
            double keep,
            double review,
            double reject,
            Map<String, Integer> decidedBy,
            List<String> wrong) {}

    /** A clip and what was decided about it. */
    record Judged(GateClip clip, Verdict verdict) {}

    static Map<String, Row> rows(List<Judged> all) {
        var byKind = new LinkedHashMap<String, List<Judged>>();
        all.forEach(j -> byKind.computeIfAbsent(j.clip().kind(), k -> new ArrayList<>()).add(j));
        var rows = new LinkedHashMap<String, Row>();
        byKind.forEach((kind, of) -> rows.put(kind, row(of)));
        return rows;
    }

    private static Row row(List<Judged> of) {
        var decided = new TreeMap<String, Integer>();
        of.stream()
                .filter(j -> !j.verdict().defects().isEmpty())
                .forEach(
                        j ->
                                decided.merge(
                                        j.verdict().defects().get(0).measure(), 1, Integer::sum));
        var sorted = new LinkedHashMap<String, Integer>();
        decided.entrySet().stream()
                .sorted(Comparator.comparing(e -> -e.getValue()))
                .forEach(e -> sorted.put(e.getKey(), e.getValue()));
        return new Row(
                of.size(),
                share(of, Decision.KEEP),
                share(of, Decision.REVIEW),
                share(of, Decision.REJECT),
                sorted,
                of.stream()
                        .filter(
                                j ->
                                        j.clip().isClean()
                                                != (j.verdict().decision() == Decision.KEEP))
                        .map(j -> j.clip().id())
                        .limit(40)
                        .toList());
    }

    private static double share(List<Judged> of, Decision decision) {
        return (double) of.stream().filter(j -> j.verdict().decision() == decision).count()
                / of.size();
    }

    static List<String> missed(Map<String, Row> rows) {
        var missed = new ArrayList<String>();
        rows.forEach(
                (kind, row) -> {
                    if (!kind.equals(GateClip.CLEAN)) {
                        if (row.keep() > 1 - FOUND + 1e-9) {
                            missed.add(
                                    say("%s: %.1f %% kept, goal at most 5 %%", kind, row.keep()));
                        }
                        return;
                    }
                    if (row.reject() > REJECTED + 1e-9) {
                        missed.add(
                                say("%s: %.1f %% rejected, goal at most 3 %%", kind, row.reject()));
                    }
                    if (row.review() > REVIEWED + 1e-9) {
                        missed.add(
                                say(
                                        "%s: %.1f %% to review, goal at most 10 %%",
                                        kind, row.review()));
                    }
                });
        return missed;
    }

    private static String say(String text, String kind, double share) {
        return String.format(Locale.ROOT, text, kind, 100 * share);
    }

    String text() {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-18s %6s %7s %7s %7s   decided by%n",
                        "kind",
                        "clips",
                        "keep",
                        "review",
                        "reject"));
        kinds.forEach(
                (kind, row) ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "%-18s %6d %6.1f%% %6.1f%% %6.1f%%   %s%n",
                                        kind,
                                        row.clips(),
                                        100 * row.keep(),
                                        100 * row.review(),
                                        100 * row.reject(),
                                        row.decidedBy())));
        missed.forEach(m -> text.append("missed: ").append(m).append(System.lineSeparator()));
        return text.toString();
    }
}
