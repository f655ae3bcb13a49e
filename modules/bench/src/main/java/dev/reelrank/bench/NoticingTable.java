package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.dqa.Ranges;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Which evidence notices which corruption: in what share of the scenes it is lower for the
 * corrupted clip than for the clean one.
 *
 * @param split whose scenes they are
 * @param rows by corruption
 * @param cases every clip
 */
record NoticingTable(String split, List<Row> rows, List<GradeCase> cases) {
    private static final List<String> KINDS =
            List.of("semantic", "spatial", "benchmark", "visionReward");

    /** Which evidence is there to notice it. */
    private static final Map<Corruption, String> MEANT = meant();

    /**
     * @param meant the evidence that is there to notice it
     * @param scenes how many were compared
     * @param noticed share of scenes in which that evidence fell, 0..1
     * @param missed the other scenes
     * @param lowered the same by every kind of evidence
     * @param drop mean fall of each kind, in points of 0..1
     */
    record Row(
            String corruption,
            String meant,
            int scenes,
            double noticed,
            List<Integer> missed,
            Map<String, Double> lowered,
            Map<String, Double> drop) {}

    private static Map<Corruption, String> meant() {
        var meant = new EnumMap<Corruption, String>(Corruption.class);
        meant.put(Corruption.GHOST, "visionReward");
        meant.put(Corruption.FLICKER, "benchmark");
        meant.put(Corruption.FREEZE, "spatial");
        meant.put(Corruption.COLOUR_DRIFT, "benchmark");
        meant.put(Corruption.WRONG_DIRECTION, "spatial");
        meant.put(Corruption.IDENTITY_SWAP, "benchmark");
        meant.put(Corruption.WRONG_SUBJECT, "semantic");
        meant.put(Corruption.WRONG_PLACE, "spatial");
        return meant;
    }

    /** Whether it is the language model that is meant to notice it. */
    static boolean byLanguage(Corruption corruption) {
        var meant = MEANT.get(corruption);
        return "semantic".equals(meant) || "visionReward".equals(meant);
    }

    static NoticingTable of(Split split, List<GradeCase> cases) {
        Map<Integer, GradeCase> clean = new HashMap<>();
        cases.stream().filter(c -> c.corruption() == null).forEach(c -> clean.put(c.index(), c));
        List<Row> rows = new ArrayList<>();
        for (var corruption : Corruption.values()) {
            List<GradeCase> of = cases.stream().filter(c -> c.corruption() == corruption).toList();
            if (of.isEmpty()) {
                continue;
            }
            Map<String, Double> lowered = new LinkedHashMap<>();
            Map<String, Double> drop = new LinkedHashMap<>();
            for (String kind : KINDS) {
                if (of.stream().noneMatch(c -> c.evidence().containsKey(kind))) {
                    // Not looked at.
                    continue;
                }
                double fell = 0;
                double sum = 0;
                for (GradeCase c : of) {
                    double fall =
                            score(Objects.requireNonNull(clean.get(c.index())), kind)
                                    - score(c, kind);
                    fell += fall > 0 ? 1 : 0;
                    sum += fall;
                }
                lowered.put(kind, fell / of.size());
                drop.put(kind, sum / of.size());
            }
            String meant = Objects.requireNonNull(MEANT.get(corruption));
            rows.add(
                    new Row(
                            corruption.name().toLowerCase(Locale.ROOT),
                            meant,
                            of.size(),
                            Objects.requireNonNull(lowered.get(meant)),
                            of.stream()
                                    .filter(
                                            c ->
                                                    score(
                                                                    Objects.requireNonNull(
                                                                            clean.get(c.index())),
                                                                    meant)
                                                            <= score(c, meant))
                                    .map(GradeCase::index)
                                    .toList(),
                            lowered,
                            drop));
        }
        return new NoticingTable(split.name().toLowerCase(Locale.ROOT), rows, cases);
    }

    /**
     * The clips of earlier runs, with the benchmark's score made again from the raw measures.
     *
     * @param files written by {@code --noticing --json}, of one split
     */
    static NoticingTable again(List<Path> files) throws IOException {
        var ranges = Ranges.read();
        String split = "";
        List<GradeCase> cases = new ArrayList<>();
        for (Path file : files) {
            var part = new ObjectMapper().readValue(file.toFile(), NoticingTable.class);
            split = part.split();
            for (GradeCase c : part.cases()) {
                var evidence = new HashMap<>(c.evidence());
                if (!c.raw().isEmpty()) {
                    evidence.put("benchmark", ranges.mean(c.raw()));
                }
                cases.add(new GradeCase(c.index(), c.corruption(), evidence, c.raw()));
            }
        }
        return of(Split.valueOf(split.toUpperCase(Locale.ROOT)), cases);
    }

    private static double score(GradeCase c, String kind) {
        // What cannot be computed any more has fallen as far as it can.
        return c.evidence().getOrDefault(kind, 0.0);
    }

    String text() {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-16s %-13s %6s %8s   share of scenes in which it dropped (mean drop): %s%n",
                        "corruption",
                        "meant",
                        "scenes",
                        "noticed",
                        String.join(", ", KINDS)));
        for (Row r : rows) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-16s %-13s %6d %7.0f%%  ",
                            r.corruption(),
                            r.meant(),
                            r.scenes(),
                            100 * r.noticed()));
            for (String kind : KINDS) {
                Double lowered = r.lowered().get(kind);
                Double drop = r.drop().get(kind);
                text.append(
                        lowered == null || drop == null
                                ? "    -         "
                                : String.format(
                                        Locale.ROOT, " %3.0f%% (%+.3f)", 100 * lowered, -drop));
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }
}
