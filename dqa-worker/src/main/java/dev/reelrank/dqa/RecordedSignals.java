package dev.reelrank.dqa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.gate.Decision;
import dev.reelrank.grading.gate.Defect;
import dev.reelrank.grading.gate.Signals;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the gate looks at, read from the recorded evidence alone, so that a recorded grade can be
 * judged again with other limits.
 *
 * <p>Names: {@code semantic.KIND} (the least certain answer of a kind of question), {@code
 * spatial.present}, {@code .holds}, {@code .moved} and {@code .rested} (the worst of each), {@code
 * benchmark.DIMENSION} (raw), {@code reported.NAME} and {@code looks.QUESTION} of the checklist.
 */
public final class RecordedSignals {
    /** Of these less is better; of all other measures more is. */
    public static final Set<String> LOWER =
            Set.of("benchmark.warping_error_dis", "reported.subject_colour_change_dis");

    /**
     * Numbers that say nothing about quality, or more about the wording of the prompt than about
     * the video: the similarity to the whole text, answers about actions (which are measured) and
     * about the setting.
     */
    private static final Set<String> NO_MEASURE =
            Set.of(
                    "reported.frames",
                    "reported.frames_with_flow",
                    "reported.contrast",
                    "reported.mean_frame_difference",
                    "benchmark.overall_consistency_clip",
                    "semantic.action",
                    "semantic.rest",
                    "semantic.setting");

    /** What is good only of a video in which something is to move. */
    private static final Set<String> OF_MOVEMENT =
            Set.of("benchmark.dynamic_degree_dis", "looks.Is the movement smooth?");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Contrast of frames that show nothing, 0..0.5. */
    private static final double BLANK = 0.008;

    /** A video that moves less than this between frames, of 255, stands still. */
    private static final double FROZEN = 0.02;

    private RecordedSignals() {}

    /** Whether a measure is the probability of the good answer to a question. */
    public static boolean isAnswer(String measure) {
        return measure.startsWith("looks.") || measure.startsWith("semantic.");
    }

    /**
     * Reads the evidence of a grade.
     *
     * @param evidence by the kinds' ids, with the details that grading writes
     */
    public static Signals of(Map<String, Evidence> evidence) {
        var measures = new TreeMap<String, Double>();
        var defects = new ArrayList<Defect>();
        JsonNode semantic = details(evidence, EvidenceKind.SEMANTIC);
        JsonNode spatial = details(evidence, EvidenceKind.SPATIAL);
        JsonNode benchmark = details(evidence, EvidenceKind.BENCHMARK);
        semantic.path("questions")
                .forEach(q -> least(measures, "semantic." + q.path("kind").asText(), right(q)));
        spatial.path("objects")
                .forEach(o -> least(measures, "spatial.present", o.path("present").asDouble()));
        spatial.path("relations")
                .forEach(r -> least(measures, "spatial.holds", r.path("holds").asDouble()));
        spatial.path("movements")
                .forEach(
                        m ->
                                least(
                                        measures,
                                        m.path("promised").asText().equals("still")
                                                ? "spatial.rested"
                                                : "spatial.moved",
                                        m.path("kept").asDouble()));
        benchmark
                .path("dimensions")
                .properties()
                .forEach(
                        d ->
                                measures.put(
                                        "benchmark." + d.getKey(),
                                        d.getValue().path("raw").asDouble()));
        benchmark
                .path("reported")
                .properties()
                .forEach(r -> measures.put("reported." + r.getKey(), r.getValue().asDouble()));
        details(evidence, EvidenceKind.VISION_REWARD)
                .path("questions")
                .forEach(q -> measures.put("looks." + q.path("question").asText(), right(q)));
        measures.keySet().removeAll(NO_MEASURE);
        boolean moves = isToMove(spatial);
        if (moves) {
            // What moves covers and drags along what rests beside it: a weaker measure.
            Double rested = measures.remove("spatial.rested");
            if (rested != null) {
                measures.put("spatial.rested_beside", rested);
            }
        } else {
            measures.keySet().removeAll(OF_MOVEMENT);
        }
        still(moves, benchmark.path("reported"), defects);
        missing(evidence, defects);
        return new Signals(measures, defects);
    }

    private static double right(JsonNode question) {
        double yes = question.path("yes").asDouble();
        return question.path("good").asText("yes").equals("no") ? 1 - yes : yes;
    }

    private static void least(Map<String, Double> measures, String name, double value) {
        measures.merge(name, value, Math::min);
    }

    /** A picture that shows nothing, and one that does not move although something should. */
    private static void still(boolean moves, JsonNode reported, List<Defect> defects) {
        if (reported.has("contrast") && reported.path("contrast").asDouble() < BLANK) {
            defects.add(rule("blank", Decision.REJECT, "every frame is of one colour"));
        }
        boolean one = reported.path("frames").asInt(2) == 1;
        boolean frozen =
                one
                        || (reported.has("mean_frame_difference")
                                && reported.path("mean_frame_difference").asDouble() < FROZEN);
        if (frozen && moves) {
            defects.add(
                    rule(
                            "frozen",
                            Decision.REJECT,
                            "the prompt asks for movement and nothing moves"));
        } else if (one) {
            defects.add(rule("single frame", Decision.REVIEW, "the video has a single frame"));
        }
    }

    /** Whether the prompt asks for a movement. */
    private static boolean isToMove(JsonNode spatial) {
        boolean moves = false;
        for (JsonNode m : spatial.path("movements")) {
            moves |= !m.path("promised").asText().equals("still");
        }
        return moves;
    }

    private static void missing(Map<String, Evidence> evidence, List<Defect> defects) {
        for (var kind :
                List.of(EvidenceKind.SEMANTIC, EvidenceKind.SPATIAL, EvidenceKind.BENCHMARK)) {
            var e = evidence.get(kind.id());
            if (e == null || !e.used()) {
                defects.add(
                        rule(
                                "missing " + kind.id(),
                                Decision.REVIEW,
                                "the %s evidence is missing, so it is not known %s"
                                        .formatted(kind.id(), kind.topic())));
            }
        }
    }

    private static Defect rule(String name, Decision decision, String text) {
        return new Defect(name, null, null, decision, text);
    }

    private static JsonNode details(Map<String, Evidence> evidence, EvidenceKind kind) {
        var e = evidence.get(kind.id());
        if (e == null) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(e.details());
        } catch (JsonProcessingException x) {
            throw new IllegalStateException("details of evidence are JSON, were " + e.details(), x);
        }
    }
}
