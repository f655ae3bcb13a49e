package dev.reelrank.bus.codec;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.config.FinishConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.Stages;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Events with random contents, made by reflection, so that a new component is covered at once. */
public final class RandomEvents {
    private static final String LETTERS = "abc XYZ 0189 äß漢字😀\n\t\"{}/\u0000";

    private final Random random;
    private @Nullable StageName stage;
    private final Map<Class<?>, Supplier<Object>> special = new HashMap<>();

    public RandomEvents(long seed) {
        random = new Random(seed);
        // Records that check ranges get values within them.
        special.put(BlobRef.class, this::blob);
        special.put(PromptConfig.class, this::promptConfig);
        special.put(CandidateConfig.class, this::candidateConfig);
        special.put(
                FinishConfig.class,
                () ->
                        new FinishConfig(
                                random.nextBoolean() ? null : "x4plus",
                                random.nextBoolean() ? "bf16" : "fp16",
                                16 + 2 * random.nextInt(99),
                                2 * random.nextInt(99)));
        special.put(RankingConfig.class, this::rankingConfig);
        special.put(
                GradeConfig.class,
                () ->
                        new GradeConfig(
                                gradeWeights(),
                                1 + random.nextInt(64),
                                0.1 + share(),
                                preference()));
        special.put(AlignConfig.class, this::alignConfig);
        special.put(
                EvaluateConfig.class,
                () -> new EvaluateConfig(List.of(text()), 2 + random.nextInt(9), 3, 0.1 + share()));
        special.put(
                Measurement.class,
                () ->
                        random.nextBoolean()
                                ? Measurement.of(share(), random.nextInt())
                                : Measurement.not(text(), random.nextInt()));
        special.put(
                TuneConfig.class,
                () -> new TuneConfig(0.1 + share(), share(), 7, 0.1 + share(), 0.9 * share()));
    }

    /** One event of every kind, and of every stage where a kind has one schema per stage. */
    public List<Event> oneOfEach() {
        var events = new ArrayList<Event>();
        for (Class<?> type : Event.class.getPermittedSubclasses()) {
            if (type == WorkRequested.class) {
                for (StageName s : Stages.STANDARD.requested()) {
                    stage = s;
                    events.add((Event) record(type));
                }
                stage = null;
            } else if (type == WorkItem.class
                    || type == WorkReport.class
                    || type == StageFact.class) {
                for (StageName s : Stages.STANDARD.names()) {
                    stage = s;
                    events.add((Event) record(type));
                }
                stage = null;
            } else {
                events.add((Event) record(type));
            }
        }
        return events;
    }

    /** A work item of a stage. */
    public WorkItem work(StageName of) {
        stage = of;
        try {
            return (WorkItem) record(WorkItem.class);
        } finally {
            stage = null;
        }
    }

    private Object record(Class<?> type) {
        StageName outer = stage;
        if (stage == null && type == StageFact.class) {
            stage = anyStage();
        }
        try {
            RecordComponent[] components = type.getRecordComponents();
            var types = Arrays.stream(components).map(RecordComponent::getType);
            Constructor<?> constructor =
                    type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
            var values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                boolean nullable =
                        components[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
                values[i] =
                        nullable && random.nextInt(3) == 0
                                ? null
                                : value(components[i].getGenericType());
            }
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot make a random " + type, e);
        } finally {
            stage = outer;
        }
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType p) {
            return p.getRawType() == List.class
                    ? list(p.getActualTypeArguments()[0])
                    : map(p.getActualTypeArguments()[1]);
        }
        var c = (Class<?>) type;
        if (special.containsKey(c)) {
            return special.get(c).get();
        }
        if (c == WorkRef.class && stage != null) {
            return new WorkRef(text(), text(), text(), stage, random.nextLong(), random.nextInt());
        }
        if (c == StageName.class) {
            return anyStage();
        }
        if (c == StageRequest.class) {
            return record(Stages.STANDARD.of(stage == null ? anyStage() : stage).request());
        }
        if (c == StageResult.class) {
            return record(Stages.STANDARD.of(stage == null ? anyStage() : stage).result());
        }
        if (c.isRecord()) {
            return record(c);
        }
        if (c.isSealed()) {
            return record(permitted(c));
        }
        if (c.isEnum()) {
            return c.getEnumConstants()[random.nextInt(c.getEnumConstants().length)];
        }
        return scalar(c);
    }

    private Class<?> permitted(Class<?> type) {
        Class<?>[] permitted = type.getPermittedSubclasses();
        return permitted[random.nextInt(permitted.length)];
    }

    private StageName anyStage() {
        var names = Stages.STANDARD.names();
        return names.get(random.nextInt(names.size()));
    }

    private Object scalar(Class<?> c) {
        if (c == String.class) {
            return text();
        } else if (c == int.class || c == Integer.class) {
            return random.nextInt();
        } else if (c == long.class || c == Long.class) {
            return random.nextLong();
        } else if (c == double.class || c == Double.class) {
            return random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian() * 1e3;
        } else if (c == boolean.class) {
            return random.nextBoolean();
        } else if (c == byte[].class) {
            var bytes = new byte[random.nextInt(50)];
            random.nextBytes(bytes);
            return bytes;
        } else if (c == Instant.class) {
            return Instant.EPOCH.plus(random.nextLong() >> 10, ChronoUnit.MICROS);
        }
        throw new AssertionError("no random value for " + c);
    }

    private List<Object> list(Type item) {
        var list = new ArrayList<Object>();
        for (int n = random.nextInt(4); n > 0; n--) {
            list.add(value(item));
        }
        return list;
    }

    private Map<String, Object> map(Type value) {
        var map = new HashMap<String, Object>();
        for (int n = random.nextInt(4); n > 0; n--) {
            map.put(text(), value(value));
        }
        return map;
    }

    private String text() {
        var text = new StringBuilder();
        for (int n = random.nextInt(12); n > 0; n--) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        // Half of a pair of surrogates is no text and has no UTF-8.
        return text.toString().replaceAll("\\p{Cs}", "😀");
    }

    private double share() {
        return random.nextDouble();
    }

    private BlobRef blob() {
        return new BlobRef(text(), Sha256.of(text()), random.nextInt(1 << 30), "image/png");
    }

    private PromptConfig promptConfig() {
        String mode = PromptConfig.MODES.get(random.nextInt(PromptConfig.MODES.size()));
        return new PromptConfig(
                mode, text(), 5, share(), random.nextBoolean(), text(), List.of(text()), 9, "int4");
    }

    private CandidateConfig candidateConfig() {
        boolean auto = random.nextBoolean();
        return new CandidateConfig(
                auto ? null : "wan",
                List.of(random.nextLong() >>> 1),
                auto ? null : 8,
                auto ? null : 16,
                auto ? null : 32,
                "area",
                auto ? null : 17,
                auto ? null : 16.5,
                auto ? null : share(),
                text(),
                auto ? null : "unipc",
                auto ? null : 5.0,
                auto ? null : share(),
                auto ? Map.of() : Map.of("guidanceLow", share()),
                auto ? null : List.of(lora()),
                "fp8",
                "swap",
                "h265",
                random.nextInt(52));
    }

    private CandidateConfig.Lora lora() {
        return random.nextBoolean()
                ? new CandidateConfig.Lora("lightning", share())
                : new CandidateConfig.Lora(
                        "adapter:smooth@3", share(), Map.of("transformer", blob()), text(), "wan");
    }

    private AlignConfig alignConfig() {
        boolean auto = random.nextBoolean();
        return new AlignConfig(
                auto ? null : "wan",
                auto ? null : List.of(lora()),
                "bf16",
                auto ? List.of() : List.of("transformer"),
                1 + random.nextInt(64),
                0.1 + share(),
                0.5 * share(),
                auto ? List.of() : List.of("to_q"),
                random.nextLong(),
                1 + random.nextInt(100),
                0.1 + share(),
                "cosine",
                1,
                share(),
                "sigmoid",
                0.1 + share(),
                0.1 + share(),
                0.4 * share(),
                share(),
                "schedule",
                1 + random.nextInt(9),
                0.1 + share(),
                7,
                "kept",
                0.9 * share(),
                random.nextInt(9),
                1 + random.nextInt(9),
                "motion",
                share(),
                auto ? Map.of() : Map.of("identity", share()),
                auto ? List.of() : List.of(3, 4),
                auto ? null : share(),
                auto ? null : "copy");
    }

    private RankingConfig rankingConfig() {
        var weights =
                new RankingConfig.Weights(
                        share(),
                        share(),
                        share(),
                        share(),
                        share(),
                        random.nextBoolean() ? null : share(),
                        random.nextBoolean() ? null : share());
        Double scale = random.nextBoolean() ? null : 1 + share();
        List<String> geometry =
                random.nextBoolean() ? List.of() : RankingConfig.GEOMETRY_SCORES.subList(0, 2);
        return new RankingConfig(
                3, 2, weights, share(), 2, 0, 1, share(), share(), scale, scale, true, geometry);
    }

    private GradeConfig.Preference preference() {
        return random.nextBoolean()
                ? GradeConfig.Preference.head()
                : new GradeConfig.Preference(
                        "vlm", "adapter:taste@1", Map.of("language_model", blob()), text());
    }

    private Map<String, Double> gradeWeights() {
        var weights = new HashMap<String, Double>();
        GradeConfig.EVIDENCE.forEach(kind -> weights.put(kind, share()));
        return weights;
    }
}
