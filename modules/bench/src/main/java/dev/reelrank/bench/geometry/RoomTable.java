package dev.reelrank.bench.geometry;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.scene.Mvcs;
import dev.reelrank.testbed.room.RoomFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which score sees which fault, in what share of the pairs of a clean clip and the same clip with
 * the fault. A clip that has no score loses against one that has a score; a clean clip without a
 * score wins nothing.
 *
 * @param what the command was
 * @param metric the name of the score with VGGT; null if only epipolar geometry was looked at
 * @param split whose scenes they are
 * @param scenes how many
 * @param noticed by fault and score, share 0..1
 * @param either by fault, share in which at least one of the scores noticed it
 * @param byMove by fault and move of the camera, share that {@code epipolar_sampson} noticed
 * @param byMoveAnchored the same of {@code epipolar_anchored}
 * @param harmless by change and score: share of all noticed pairs whose order turns if both clips
 *     are changed, as the candidates of a run are
 * @param harmlessByFault the same by change, fault and score
 * @param oneSided as {@code harmless} if only the clean clip is changed, which asks more
 * @param cleanWithout scenes whose clean clip has no score, by score
 * @param secondsPerVideo median of the score with VGGT
 * @param missed what is short of its target
 * @param cases every clip
 */
record RoomTable(
        String what,
        @Nullable String metric,
        String split,
        int scenes,
        Map<String, Map<String, Double>> noticed,
        Map<String, Double> either,
        Map<String, Map<String, Double>> byMove,
        Map<String, Map<String, Double>> byMoveAnchored,
        Map<String, Map<String, Double>> harmless,
        Map<String, Map<String, Map<String, Double>>> harmlessByFault,
        Map<String, Map<String, Double>> oneSided,
        Map<String, Integer> cleanWithout,
        double secondsPerVideo,
        List<String> missed,
        List<RoomCase> cases) {
    private static final double WANTED = 0.95;
    private static final int WANTED_SCENES = 100;
    private static final double ALLOWED = 0.05;

    /** Changes that are no fault. */
    static final List<String> HARMLESS = List.of("crf28", "brightness");

    static RoomTable of(String what, @Nullable String metric, String split, List<RoomCase> cases) {
        Map<Integer, Map<String, RoomCase>> scenes = new LinkedHashMap<>();
        for (RoomCase one : cases) {
            scenes.computeIfAbsent(one.scene(), k -> new LinkedHashMap<>()).put(one.made(), one);
        }
        List<String> scores =
                metric == null
                        ? List.of(EpipolarSampson.NAME, EpipolarSampson.ANCHORED)
                        : List.of(
                                EpipolarSampson.NAME, EpipolarSampson.ANCHORED, metric, Mvcs.NAME);
        Map<String, Map<String, Double>> noticed = new LinkedHashMap<>();
        Map<String, Double> either = new LinkedHashMap<>();
        List<String> missed = new ArrayList<>();
        if (scenes.size() < WANTED_SCENES) {
            missed.add("%d of %d scenes were looked at".formatted(scenes.size(), WANTED_SCENES));
        }
        if (metric == null) {
            missed.add("geometry_vggt: there are no weights that look at rooms");
        }
        for (String fault : faults()) {
            Map<String, Double> row = new LinkedHashMap<>();
            for (String score : scores) {
                double share = share(scenes, s -> sees(s, RoomCase.CLEAN, fault, score));
                row.put(score, share);
                if (share < WANTED && !score.equals(Mvcs.NAME)) {
                    missed.add(
                            "%s notices %s in %.0f %% of the pairs"
                                    .formatted(score, fault, 100 * share));
                }
            }
            noticed.put(fault, row);
            either.put(
                    fault,
                    share(
                            scenes,
                            s ->
                                    scores.stream()
                                            .filter(score -> !score.equals(Mvcs.NAME))
                                            .anyMatch(
                                                    score ->
                                                            sees(
                                                                    s,
                                                                    RoomCase.CLEAN,
                                                                    fault,
                                                                    score))));
        }
        Map<String, Map<String, Double>> harmless = new LinkedHashMap<>();
        Map<String, Map<String, Map<String, Double>>> byFault = new LinkedHashMap<>();
        Map<String, Map<String, Double>> oneSided = new LinkedHashMap<>();
        for (String change : HARMLESS) {
            Map<String, Double> row = new LinkedHashMap<>();
            Map<String, Double> alone = new LinkedHashMap<>();
            for (String score : scores) {
                row.put(score, turned(scenes, faults(), change, true, score));
                alone.put(score, turned(scenes, faults(), change, false, score));
            }
            harmless.put(change, row);
            oneSided.put(change, alone);
            Map<String, Map<String, Double>> each = new LinkedHashMap<>();
            for (String fault : faults()) {
                Map<String, Double> of = new LinkedHashMap<>();
                for (String score : scores) {
                    double share = turned(scenes, List.of(fault), change, true, score);
                    of.put(score, share);
                    if (share > ALLOWED && !score.equals(Mvcs.NAME)) {
                        missed.add(
                                "%s alone turns the order of %s in %.0f %% of the noticed pairs of %s"
                                        .formatted(change, score, 100 * share, fault));
                    }
                }
                each.put(fault, of);
            }
            byFault.put(change, each);
        }
        Map<String, Integer> without = new LinkedHashMap<>();
        for (String score : scores) {
            without.put(
                    score,
                    (int)
                            scenes.values().stream()
                                    .filter(s -> value(s, RoomCase.CLEAN, score) == null)
                                    .count());
        }
        double[] seconds = cases.stream().mapToDouble(RoomCase::seconds).sorted().toArray();
        return new RoomTable(
                what,
                metric,
                split,
                scenes.size(),
                noticed,
                either,
                byMove(scenes, EpipolarSampson.NAME),
                byMove(scenes, EpipolarSampson.ANCHORED),
                harmless,
                byFault,
                oneSided,
                without,
                seconds[seconds.length / 2],
                missed,
                cases);
    }

    private static List<String> faults() {
        return Arrays.stream(RoomFault.values())
                .map(f -> f.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private interface Question {
        boolean isTrue(Map<String, RoomCase> scene);
    }

    private static double share(Map<Integer, Map<String, RoomCase>> scenes, Question question) {
        return (double) scenes.values().stream().filter(question::isTrue).count() / scenes.size();
    }

    private static Map<String, Map<String, Double>> byMove(
            Map<Integer, Map<String, RoomCase>> scenes, String score) {
        Map<String, Map<Integer, Map<String, RoomCase>>> moves = new TreeMap<>();
        scenes.forEach(
                (index, scene) ->
                        moves.computeIfAbsent(
                                        scene.values().iterator().next().move(),
                                        move -> new LinkedHashMap<>())
                                .put(index, scene));
        Map<String, Map<String, Double>> table = new LinkedHashMap<>();
        for (String fault : faults()) {
            Map<String, Double> row = new LinkedHashMap<>();
            moves.forEach(
                    (move, of) ->
                            row.put(move, share(of, s -> sees(s, RoomCase.CLEAN, fault, score))));
            table.put(fault, row);
        }
        return table;
    }

    /**
     * The share of noticed pairs that are turned by a change; 0 if none was noticed.
     *
     * @param both whether the faulty clip is changed as well
     */
    private static double turned(
            Map<Integer, Map<String, RoomCase>> scenes,
            List<String> faults,
            String change,
            boolean both,
            String score) {
        int noticed = 0;
        int turned = 0;
        for (Map<String, RoomCase> scene : scenes.values()) {
            for (String fault : faults) {
                if (sees(scene, RoomCase.CLEAN, fault, score)) {
                    noticed++;
                    String other = both ? RoomCase.changed(fault, change) : fault;
                    turned += sees(scene, change, other, score) ? 0 : 1;
                }
            }
        }
        return noticed == 0 ? 0 : (double) turned / noticed;
    }

    private static boolean sees(
            Map<String, RoomCase> scene, String clean, String fault, String score) {
        Double good = value(scene, clean, score);
        Double bad = value(scene, fault, score);
        return good != null && (bad == null || bad > good);
    }

    private static @Nullable Double value(Map<String, RoomCase> scene, String made, String score) {
        RoomCase one = scene.get(made);
        return one == null ? null : one.score(score);
    }

    /** For people. */
    String table() {
        List<String[]> rows = new ArrayList<>();
        noticed.forEach(
                (fault, row) -> {
                    List<String> cells = new ArrayList<>(List.of(fault));
                    row.values().forEach(v -> cells.add("%.0f %%".formatted(100 * v)));
                    cells.add("%.0f %%".formatted(100 * Objects.requireNonNull(either.get(fault))));
                    rows.add(cells.toArray(new String[0]));
                });
        harmless.forEach(
                (change, row) -> {
                    List<String> cells = new ArrayList<>(List.of(change + " turns"));
                    row.values().forEach(v -> cells.add("%.0f %%".formatted(100 * v)));
                    cells.add("");
                    rows.add(cells.toArray(new String[0]));
                });
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(cleanWithout.keySet());
        head.add("one of them");
        return AsciiTable.getTable(head.toArray(new String[0]), rows.toArray(new String[0][]))
                + "\n%d scenes, %.2f s per video with VGGT\n".formatted(scenes, secondsPerVideo);
    }
}
