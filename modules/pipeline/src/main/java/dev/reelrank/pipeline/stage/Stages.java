package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.stage.StageSpec.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a farm, one row each: those of a sample in the order in which it passes them, those
 * beside the samples after them. Topics, schemas, flow, workers and commands read them from here.
 *
 * <p>A farm has one table, {@link #STANDARD}; it is passed to the code that needs it. A test may
 * add a row.
 */
public final class Stages {
    /** The topic of submissions, without prefix: it asks for the first stage of a sample. */
    public static final String SUBMISSIONS = "submissions";

    /** The topic of selections, without prefix: it asks for trainings of the preference model. */
    public static final String SELECTIONS = "selections";

    /** The topic, without prefix, on which clients ask for other work beside the samples. */
    public static final String REQUESTS = "requests";

    /** The run that trainings of adapters are filed under; the adapter's name is their sample. */
    public static final String ADAPTERS_RUN = "adapters";

    /** The one key of {@code selections}, {@code tunings} and {@code quality.standards}. */
    public static final String PREFERENCE_KEY = "preference";

    /** The stages of this product. */
    public static final Stages STANDARD =
            new Stages(
                    List.of(
                            new StageSpec(
                                    StageName.PROMPT,
                                    "prompts",
                                    PromptRequest.class,
                                    PromptResult.class,
                                    PromptConfig.defaults(),
                                    Scope.SAMPLE,
                                    SUBMISSIONS,
                                    null,
                                    9,
                                    List.of("qwen")),
                            new StageSpec(
                                    StageName.CANDIDATE,
                                    "candidates",
                                    CandidateRequest.class,
                                    CandidateResult.class,
                                    CandidateConfig.defaults(),
                                    Scope.SAMPLE,
                                    null,
                                    null,
                                    1,
                                    List.of("wan", "lightning")),
                            new StageSpec(
                                    StageName.RANKING,
                                    "rankings",
                                    RankingRequest.class,
                                    RankingResult.class,
                                    RankingConfig.defaults(),
                                    Scope.SAMPLE,
                                    null,
                                    null,
                                    1,
                                    List.of("dinov3", "sam3")),
                            new StageSpec(
                                    StageName.GRADE,
                                    "grades",
                                    GradeRequest.class,
                                    GradeResult.class,
                                    GradeConfig.defaults(),
                                    Scope.SAMPLE,
                                    null,
                                    null,
                                    9,
                                    List.of("qwen", "dinov3", "clip")),
                            new StageSpec(
                                    StageName.TUNE,
                                    "tunings",
                                    TuneRequest.class,
                                    TuneResult.class,
                                    TuneConfig.defaults(),
                                    Scope.BESIDE,
                                    SELECTIONS,
                                    PREFERENCE_KEY,
                                    1,
                                    List.of("dinov3", "clip")),
                            new StageSpec(
                                    StageName.ALIGN,
                                    "alignments",
                                    AlignRequest.class,
                                    AlignResult.class,
                                    AlignConfig.defaults(),
                                    Scope.BESIDE,
                                    REQUESTS,
                                    null,
                                    1,
                                    List.of("wan", "lightning")),
                            new StageSpec(
                                    StageName.EVALUATE,
                                    "evaluations",
                                    EvaluateRequest.class,
                                    EvaluateResult.class,
                                    EvaluateConfig.defaults(),
                                    Scope.BESIDE,
                                    REQUESTS,
                                    null,
                                    9,
                                    List.of("clip", "dinov3", "sam3", "videoreward"))));

    private final Map<StageName, StageSpec> rows;
    private final Map<StageName, Integer> order;

    /**
     * @param rows in order
     * @throws IllegalArgumentException if two have the same name or topic, or the stages of a
     *     sample do not stand first
     */
    public Stages(List<StageSpec> rows) {
        this.rows = new LinkedHashMap<>();
        this.order = new LinkedHashMap<>();
        var topics = new LinkedHashMap<String, StageName>();
        boolean beside = false;
        for (var row : rows) {
            if (row.ofSample() && beside) {
                throw new IllegalArgumentException(
                        "stage " + row.name() + " is of the samples: it stands before the others");
            }
            beside |= !row.ofSample();
            if (this.rows.put(row.name(), row) != null) {
                throw new IllegalArgumentException("two stages are named " + row.name());
            }
            var other = topics.put(row.facts(), row.name());
            if (other != null) {
                throw new IllegalArgumentException(
                        "stages %s and %s have the same topic of facts: %s"
                                .formatted(other, row.name(), row.facts()));
            }
            order.put(row.name(), order.size());
        }
    }

    /** These and one more: after the other stages of a sample, or at the end. */
    public Stages with(StageSpec added) {
        var all = new ArrayList<>(rows.values());
        all.add(added.ofSample() ? ofSample().size() : all.size(), added);
        return new Stages(all);
    }

    /** Every row, in order. */
    public List<StageSpec> all() {
        return List.copyOf(rows.values());
    }

    /** The names of all, in order. */
    public List<StageName> names() {
        return List.copyOf(rows.keySet());
    }

    /** The stages that every sample passes, in the order in which it does. */
    public List<StageName> ofSample() {
        return rows.values().stream().filter(StageSpec::ofSample).map(StageSpec::name).toList();
    }

    /** The stages beside the samples whose work clients ask for on {@link #REQUESTS}, in order. */
    public List<StageName> requested() {
        return rows.values().stream()
                .filter(row -> REQUESTS.equals(row.requestsFrom()))
                .map(StageSpec::name)
                .toList();
    }

    /**
     * The row of a stage.
     *
     * @throws IllegalArgumentException if there is none
     */
    public StageSpec of(StageName name) {
        var row = rows.get(name);
        if (row == null) {
            throw new IllegalArgumentException(
                    "no such stage: '" + name + "'; there are " + rows.keySet());
        }
        return row;
    }

    /** Whether there is such a stage. */
    public boolean contains(StageName name) {
        return rows.containsKey(name);
    }

    /** Reads a stage's id; the error lists the valid ones. */
    public StageName parse(String id) {
        return rows.keySet().stream()
                .filter(name -> name.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "unknown stage '%s'; use %s".formatted(id, ids())));
    }

    /** Whether a sample passes one stage before another one. */
    public boolean before(StageName one, StageName other) {
        return compare(one, other) < 0;
    }

    /** Negative, zero or positive, as one stage stands before, at or after another one. */
    public int compare(StageName one, StageName other) {
        return Integer.compare(position(one), position(other));
    }

    /** The stage that a topic asks for, null if none is asked for there. */
    public @Nullable StageName askedOn(String topic) {
        return rows.values().stream()
                .filter(row -> topic.equals(row.requestsFrom()))
                .map(StageSpec::name)
                .findFirst()
                .orElse(null);
    }

    private int position(StageName name) {
        var position = order.get(name);
        if (position == null) {
            throw new IllegalArgumentException(
                    "no such stage: '" + name + "'; there are " + rows.keySet());
        }
        return position;
    }

    private String ids() {
        var ids = rows.keySet().stream().map(StageName::id).toList();
        return ids.size() < 2
                ? String.join("", ids)
                : ids.stream().limit(ids.size() - 1L).collect(Collectors.joining(", "))
                        + " or "
                        + ids.get(ids.size() - 1);
    }
}
