package dev.reelrank.client.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code report.json}: per sample what came out and why, and totals with the failed ones in the
 * denominator.
 */
final class Report {
    /** In this order, so that two reports compare line by line. */
    private static final List<String> EVIDENCE =
            List.of("semantic", "spatial", "benchmark", "preference", "visionReward");

    private final ObjectMapper json;

    Report(ObjectMapper json) {
        this.json = json;
    }

    ObjectNode of(RunView view) {
        ObjectNode root = json.createObjectNode();
        root.put("runId", view.runId());
        view.run()
                .ifPresent(
                        run -> {
                            root.put(
                                    "status",
                                    run.status().name().toLowerCase(java.util.Locale.ROOT));
                            root.put("inheritedFrom", run.inheritedFrom());
                            root.set("configuration", json.valueToTree(run.configuration()));
                        });
        ArrayNode samples = root.putArray("samples");
        view.samples().values().forEach(sample -> samples.add(sample(sample)));
        root.set("totals", totals(view));
        ObjectNode notes = root.putObject("notes");
        limits(view).forEach(notes::put);
        Set<String> weights = weights(view);
        if (weights.size() > 1) {
            notes.put(
                    "weights",
                    "the candidates were made with %d different sets of weights (fingerprints %s); within a sample only those of one set were compared"
                            .formatted(weights.size(), weights));
        }
        String cut = cutPrompts(view);
        if (!cut.isEmpty()) {
            notes.put("prompts", cut);
        }
        return root;
    }

    /** Which prompts the generator did not read to their end; empty if it read all. */
    private static String cutPrompts(RunView view) {
        var cut = new TreeMap<String, String>();
        for (SampleView sample : view.samples().values()) {
            for (CandidateResult made : sample.candidates()) {
                var used = made.used();
                if (used != null && used.promptTokensCut() > 0) {
                    cut.put(
                            sample.sampleId(),
                            "%s (the first %d tokens of %d)"
                                    .formatted(
                                            sample.sampleId(),
                                            used.promptTokens(),
                                            used.promptTokens() + used.promptTokensCut()));
                }
            }
        }
        return cut.isEmpty()
                ? ""
                : "longer than the generator reads, so their end was left out: "
                        + String.join(", ", cut.values());
    }

    /** By model: what the models behind the results say they cannot do. */
    private static Map<String, String> limits(RunView view) {
        Map<String, String> limits = new TreeMap<>();
        view.samples().values().stream()
                .flatMap(s -> s.facts().stream())
                .forEach(f -> limits.putAll(f.computation().limits()));
        return limits;
    }

    /** The fingerprints of the models that made the candidates. */
    private static Set<String> weights(RunView view) {
        var found = new TreeSet<String>();
        view.samples().values().stream()
                .flatMap(s -> s.facts().stream())
                .filter(f -> f.result() instanceof CandidateResult)
                .forEach(f -> found.add(f.computation().fingerprint()));
        return found;
    }

    private ObjectNode totals(RunView view) {
        ObjectNode totals = json.createObjectNode();
        var samples = view.samples().values();
        totals.set("cost", cost(RunCost.of(samples)));
        long done = samples.stream().filter(s -> is(s, SampleUpdated.Status.DONE)).count();
        long failed = samples.stream().filter(s -> is(s, SampleUpdated.Status.FAILED)).count();
        totals.put("samples", samples.size());
        totals.put("done", done);
        totals.put("failed", failed);
        totals.put(
                "partial",
                samples.stream()
                        .filter(s -> s.update().map(SampleUpdated::partial).orElse(false))
                        .count());
        ObjectNode decisions = totals.putObject("decisions");
        for (String decision : List.of("keep", "review", "reject")) {
            decisions.put(decision, samples.stream().filter(s -> decided(s, decision)).count());
        }
        totals.put("doneShare", samples.isEmpty() ? 0 : (double) done / samples.size());
        var scores =
                samples.stream()
                        .flatMap(s -> s.grade().stream())
                        .map(GradeResult::score)
                        .filter(java.util.Objects::nonNull)
                        .toList();
        // A failed sample counts as 0: leaving it out would reward losing the hard ones.
        totals.put(
                "meanScore",
                done + failed == 0
                        ? 0
                        : scores.stream().mapToDouble(Double::doubleValue).sum() / (done + failed));
        return totals;
    }

    private static boolean decided(SampleView s, String decision) {
        return s.grade()
                .flatMap(g -> Optional.ofNullable(g.verdict()))
                .filter(v -> v.decision().equals(decision))
                .isPresent();
    }

    private static boolean is(SampleView s, SampleUpdated.Status status) {
        return s.update().map(u -> u.status() == status).orElse(false);
    }

    ObjectNode sample(SampleView s) {
        ObjectNode node = json.createObjectNode();
        node.put("sampleId", s.sampleId());
        node.put(
                "status",
                s.update()
                        .map(u -> u.status().name().toLowerCase(java.util.Locale.ROOT))
                        .orElse("running"));
        node.put("partial", s.update().map(SampleUpdated::partial).orElse(false));
        node.put("originalPrompt", s.sample().map(f -> f.originalPrompt()).orElse(null));
        node.put("prompt", s.prompt().map(p -> p.prompt()).orElse(null));
        Optional<RankingResult> ranking = s.ranking();
        node.put("subject", ranking.map(RankingResult::subject).orElse(null));
        node.set(
                "mask",
                ranking.<JsonNode>map(r -> json.valueToTree(r.mask())).orElse(json.nullNode()));
        ArrayNode candidates = node.putArray("candidates");
        for (StageFact fact : s.facts()) {
            if (fact.result() instanceof CandidateResult made && !made.preliminary()) {
                ObjectNode candidate = candidate(s, made, ranking);
                candidate.put("fingerprint", fact.computation().fingerprint());
                candidates.add(candidate);
            }
        }
        node.set("pruned", pruned(s));
        node.set(
                "winner",
                ranking.<JsonNode>map(r -> json.valueToTree(r.winner())).orElse(json.nullNode()));
        Optional<GradeResult> grade = s.grade();
        node.put("grade", grade.map(GradeResult::grade).orElse(null));
        node.put("score", grade.map(GradeResult::score).orElse(null));
        Optional<GradeResult.Verdict> verdict =
                grade.flatMap(g -> Optional.ofNullable(g.verdict()));
        node.put("decision", verdict.map(GradeResult.Verdict::decision).orElse(null));
        node.put("because", verdict.map(GradeResult.Verdict::because).orElse(null));
        node.set(
                "defects",
                verdict.<JsonNode>map(v -> json.valueToTree(v.defects())).orElse(json.nullNode()));
        node.set("evidence", grade.<JsonNode>map(this::evidence).orElse(json.nullNode()));
        node.put("reasoning", grade.map(GradeResult::reasoning).orElse(null));
        node.set("timings", timings(s));
        node.set("cost", cost(RunCost.of(List.of(s))));
        node.set(
                "failure",
                s.update()
                        .flatMap(u -> Optional.ofNullable(u.failure()))
                        .<JsonNode>map(this::failure)
                        .orElse(json.nullNode()));
        ArrayNode failures = node.putArray("failures");
        s.update().ifPresent(u -> u.failures().forEach(f -> failures.add(failure(f))));
        return node;
    }

    /** What was compared after a few steps and not finished. */
    private ArrayNode pruned(SampleView s) {
        ArrayNode all = json.createArrayNode();
        Optional<RankingResult> compared = s.comparison();
        for (CandidateResult draft : s.pruned()) {
            ObjectNode one = all.addObject();
            one.put("seed", draft.seed());
            s.modelOf(draft.seed()).ifPresent(model -> one.put("model", model));
            one.put("steps", draft.steps());
            one.put("preview", RunFiles.preview(s.sampleId(), draft.seed()));
            compared.stream()
                    .flatMap(r -> r.candidates().stream())
                    .filter(c -> c.seed() == draft.seed())
                    .forEach(c -> one.set("scores", json.valueToTree(c)));
        }
        return all;
    }

    private ObjectNode candidate(SampleView s, CandidateResult c, Optional<RankingResult> ranking) {
        ObjectNode node = json.createObjectNode();
        node.put("seed", c.seed());
        s.modelOf(c.seed()).ifPresent(model -> node.put("model", model));
        node.put("video", RunFiles.candidate(s.sampleId(), c.seed()));
        node.set("generation", generation(c));
        Optional<CandidateScore> score =
                ranking.flatMap(
                        r -> r.candidates().stream().filter(x -> x.seed() == c.seed()).findFirst());
        for (var component : CandidateScore.class.getRecordComponents()) {
            if (!component.getName().equals("seed")) {
                node.set(component.getName(), json.nullNode());
            }
        }
        score.ifPresent(
                x ->
                        ((ObjectNode) json.<JsonNode>valueToTree(x))
                                .properties()
                                .forEach(e -> node.set(e.getKey(), e.getValue())));
        return node;
    }

    /** How a candidate was really made, whatever was configured. */
    private ObjectNode generation(CandidateResult c) {
        ObjectNode node = json.createObjectNode();
        node.put("width", c.width()).put("height", c.height());
        node.put("frames", c.frames()).put("fps", c.fps()).put("steps", c.steps());
        node.put("guidance", c.guidance()).put("scheduler", c.scheduler());
        node.put("codec", c.codec());
        node.set("used", json.valueToTree(c.used()));
        return node;
    }

    private ObjectNode evidence(GradeResult grade) {
        ObjectNode node = json.createObjectNode();
        for (String name : EVIDENCE) {
            var evidence = grade.evidence().get(name);
            if (evidence != null) {
                ObjectNode one = node.putObject(name);
                one.put("score", evidence.score());
                one.put("weight", evidence.weight());
                one.put("used", evidence.used());
                one.set("details", details(evidence.details()));
            }
        }
        return node;
    }

    private JsonNode details(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            // The grader's text is kept as it is: a report must not fail on it.
            return json.getNodeFactory().textNode(text);
        }
    }

    private ObjectNode timings(SampleView s) {
        ObjectNode node = json.createObjectNode();
        for (StageFact fact : s.facts()) {
            boolean candidate = fact.work().stage().equals(StageName.CANDIDATE);
            String name =
                    (fact.result().preliminary()
                                    ? candidate ? "draft" : "comparison"
                                    : fact.work().stage().id())
                            + (candidate ? "-" + fact.work().seed() : "");
            ObjectNode one = node.putObject(name);
            one.put("loadMillis", fact.computation().loadMillis());
            one.put("runMillis", fact.computation().runMillis());
            one.put("reused", fact.computation().reused());
            one.put("worker", fact.producer().worker());
            one.put("device", fact.computation().deviceKind());
            new TreeMap<>(fact.computation().timings()).forEach(one::put);
        }
        return node;
    }

    /** Seconds of devices, by stage; what was reused cost nothing. */
    private ObjectNode cost(RunCost cost) {
        ObjectNode node = json.createObjectNode();
        node.put("gpuSeconds", cost.gpuSeconds());
        node.put("cpuSeconds", cost.cpuSeconds());
        ArrayNode stages = node.putArray("stages");
        for (StageCost stage : cost.stages()) {
            stages.addObject()
                    .put("stage", stage.stage().id())
                    .put("device", stage.deviceKind())
                    .put("computed", stage.computed())
                    .put("reused", stage.reused())
                    .put("runSeconds", stage.runSeconds())
                    .put("loads", stage.loads())
                    .put("loadSeconds", stage.loadSeconds())
                    .put("prunedSeconds", stage.prunedSeconds())
                    .put("failed", stage.failed())
                    .put("failedSeconds", stage.failedSeconds());
        }
        return node;
    }

    private ObjectNode failure(SampleFailure f) {
        ObjectNode node = json.createObjectNode();
        node.put("stage", f.stage().id());
        node.put("seed", f.seed());
        node.put("code", f.code().name());
        node.put("message", f.message());
        node.put("workId", f.workId());
        return node;
    }
}
