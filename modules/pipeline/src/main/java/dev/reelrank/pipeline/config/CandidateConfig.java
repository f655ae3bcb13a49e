package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.NotInKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How candidates are generated. Null means auto: the model's own default.
 *
 * <p>Checked here is what holds for every generator. What one family can do (its numbers of frames,
 * its schedulers, the ranges of its own parameters) that family checks.
 *
 * @param model the generator's folder under the models root; null for the default, {@code wan}
 * @param seeds one candidate each, in order; the first is the default choice; each 0..2^63-1, no
 *     two equal; with several models, those of the first of them
 * @param steps 1..200
 * @param width pixels, a multiple of 8; with height null too: the model's default area
 * @param height pixels, a multiple of 8
 * @param sizeRule area (nearest aspect at the default area) or short-side (short side of the
 *     default size, long side by aspect)
 * @param frames 1..1025
 * @param fps 1..120
 * @param guidance 0..30; at 1 or below the negative prompt has no effect
 * @param negativePrompt may be empty
 * @param scheduler a name that the family knows
 * @param shift the family's parameter of this name: shift of the noise levels
 * @param boundary the family's parameter of this name: share of the noise range above which the
 *     high-noise expert works
 * @param parameters further parameters of the family, by name
 * @param loras merged in this order; the folder or file and its strength
 * @param precision auto, fp32, bf16, fp8, fp8-attention or fp8-weights
 * @param offload auto, none, text, swap or stream
 * @param codec h264 or h265
 * @param crf 0..51
 * @param retrySeeds how many more seeds may be tried, one after another, while the gate does not
 *     keep the winner, 0..20
 * @param prune which candidates are finished; null: all of them
 * @param models several generators, named as {@code model}: each makes as many candidates as there
 *     are seeds; empty for the one of {@code model}
 */
public record CandidateConfig(
        @NotInKey @Nullable String model,
        List<Long> seeds,
        @Nullable Integer steps,
        @Nullable Integer width,
        @Nullable Integer height,
        String sizeRule,
        @Nullable Integer frames,
        @Nullable Double fps,
        @Nullable Double guidance,
        String negativePrompt,
        @Nullable String scheduler,
        @Nullable Double shift,
        @Nullable Double boundary,
        @InKeyWhenSet Map<String, Double> parameters,
        @Nullable List<Lora> loras,
        String precision,
        String offload,
        String codec,
        int crf,
        @NotInKey int retrySeeds,
        @NotInKey @Nullable Prune prune,
        @NotInKey List<String> models)
        implements StageConfig {
    /**
     * Only the best candidates of a sample are finished. With no more candidates than {@code keep},
     * all are.
     *
     * @param after steps after which they are compared, 1..199, fewer than all steps
     * @param keep how many are finished, 1..100; null for 1
     */
    public record Prune(int after, @Nullable Integer keep) {
        public Prune {
            Check.range("candidate.prune.after", after, 1, 199);
            optional("candidate.prune.keep", keep, 1, 100);
        }

        /** How many are finished. */
        public int kept() {
            return keep == null ? 1 : keep;
        }
    }

    /**
     * A LoRA to merge.
     *
     * @param name {@code lightning} for the folder of that name under the models root, a path, or
     *     {@code adapter:NAME@VERSION} for an adapter of the farm
     * @param strength −10..10
     * @param files of an adapter, by the network that each belongs to; found when the samples are
     *     submitted, empty for others
     * @param base fingerprint of the generator's files that an adapter belongs to; null for others
     *     and for an adapter whose base is unknown
     * @param family of the generators that an adapter is for; null for others
     */
    public record Lora(
            String name,
            double strength,
            @InKeyWhenSet Map<String, BlobRef> files,
            @NotInKey @Nullable String base,
            @NotInKey @Nullable String family) {
        /** What the name of an adapter of the farm begins with. */
        public static final String ADAPTER = "adapter:";

        public Lora {
            Check.that(!name.isBlank(), "candidate.loras.name", name, "a name or a path");
            Check.range("candidate.loras.strength", strength, -10, 10);
            // Null in what was written before there were adapters.
            files = files == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(files));
        }

        /** One that is a folder or a file. */
        public Lora(String name, double strength) {
            this(name, strength, Map.of(), null, null);
        }

        /** An adapter whose family is not known. */
        public Lora(
                String name, double strength, Map<String, BlobRef> files, @Nullable String base) {
            this(name, strength, files, base, null);
        }

        /** Whether it is an adapter of the farm. */
        public boolean ofFarm() {
            return name.startsWith(ADAPTER);
        }
    }

    /** The generator of configurations that name none. */
    public static final String DEFAULT_MODEL = "wan";

    private static final int MOST_CANDIDATES = 100;

    /** A name and no path: a client names a model, the worker's models root holds it. */
    private static final Pattern MODEL = Pattern.compile("\\w[\\w.-]{0,99}");

    public CandidateConfig {
        Check.that(
                model == null || MODEL.matcher(model).matches(),
                "candidate.model",
                model,
                "the name of a folder under the models root");
        seeds = List.copyOf(seeds);
        // Null in what was written before there could be several.
        models = models == null ? List.of() : List.copyOf(models);
        for (String name : models) {
            Check.that(
                    MODEL.matcher(name).matches(),
                    "candidate.models",
                    name,
                    "names of folders under the models root");
        }
        Check.that(
                new HashSet<>(models).size() == models.size(),
                "candidate.models",
                models,
                "without repetition");
        Check.that(
                models.isEmpty() || model == null,
                "candidate.models",
                models,
                "left out where candidate.model is set (it is '" + model + "')");
        Check.that(
                models.size() * seeds.size() <= MOST_CANDIDATES,
                "candidate.models",
                models,
                "so few that models times seeds are at most " + MOST_CANDIDATES);
        Check.that(
                !seeds.isEmpty() && seeds.size() <= MOST_CANDIDATES,
                "candidate.seeds",
                seeds,
                "1 to 100 seeds");
        Check.that(
                new HashSet<>(seeds).size() == seeds.size(),
                "candidate.seeds",
                seeds,
                "without repetition");
        for (long seed : seeds) {
            Check.that(seed >= 0, "candidate.seeds", seed, "at least 0");
        }
        optional("candidate.steps", steps, 1, 200);
        optional("candidate.width", width, 16, 8192);
        optional("candidate.height", height, 16, 8192);
        Check.that(
                (width == null) == (height == null),
                "candidate.size",
                width + "x" + height,
                "auto, or both width and height");
        Check.that(
                width == null || height == null || (width % 8 == 0 && height % 8 == 0),
                "candidate.size",
                width + "x" + height,
                "a multiple of 8 each");
        Check.that(
                List.of("area", "short-side").contains(sizeRule),
                "candidate.sizeRule",
                sizeRule,
                "area or short-side");
        optional("candidate.frames", frames, 1, 1025);
        optional("candidate.fps", fps, 1, 120);
        optional("candidate.guidance", guidance, 0, 30);
        Check.that(
                scheduler == null || !scheduler.isBlank(),
                "candidate.scheduler",
                scheduler,
                "the name of a scheduler");
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        for (String own : List.of("shift", "boundary")) {
            Check.that(
                    !parameters.containsKey(own),
                    "candidate.parameters." + own,
                    parameters.get(own),
                    "given as candidate." + own);
        }
        Check.that(
                List.of("auto", "fp32", "bf16", "fp8", "fp8-attention", "fp8-weights")
                        .contains(precision),
                "candidate.precision",
                precision,
                "auto, fp32, bf16, fp8, fp8-attention or fp8-weights");
        Check.that(
                List.of("auto", "none", "text", "swap", "stream").contains(offload),
                "candidate.offload",
                offload,
                "auto, none, text, swap or stream");
        Check.that(
                List.of("h264", "h265").contains(codec), "candidate.codec", codec, "h264 or h265");
        Check.range("candidate.crf", crf, 0, 51);
        Check.range("candidate.retrySeeds", retrySeeds, 0, 20);
        loras = loras == null ? null : List.copyOf(loras);
        Check.that(
                prune == null || steps == null || prune.after() < steps,
                "candidate.prune.after",
                prune == null ? null : prune.after(),
                "below candidate.steps, " + steps);
    }

    /** One that tries no further seeds and finishes all. */
    public CandidateConfig(
            @Nullable String model,
            List<Long> seeds,
            @Nullable Integer steps,
            @Nullable Integer width,
            @Nullable Integer height,
            String sizeRule,
            @Nullable Integer frames,
            @Nullable Double fps,
            @Nullable Double guidance,
            String negativePrompt,
            @Nullable String scheduler,
            @Nullable Double shift,
            @Nullable Double boundary,
            Map<String, Double> parameters,
            @Nullable List<Lora> loras,
            String precision,
            String offload,
            String codec,
            int crf) {
        this(
                model,
                seeds,
                steps,
                width,
                height,
                sizeRule,
                frames,
                fps,
                guidance,
                negativePrompt,
                scheduler,
                shift,
                boundary,
                parameters,
                loras,
                precision,
                offload,
                codec,
                crf,
                0,
                null,
                List.of());
    }

    private static void optional(String key, @Nullable Number value, double min, double max) {
        if (value != null) {
            Check.range(key, value.doubleValue(), min, max);
        }
    }

    /**
     * Seeds 1337, 2024, 7777; everything about the model is auto. {@code loras} null: those of the
     * model's own defaults.
     */
    public static CandidateConfig defaults() {
        return new CandidateConfig(
                null,
                List.of(1337L, 2024L, 7777L),
                null,
                null,
                null,
                "area",
                null,
                null,
                null,
                "",
                null,
                null,
                null,
                Map.of(),
                null,
                "auto",
                "auto",
                "h264",
                18,
                0,
                null,
                List.of());
    }

    /**
     * The same with one seed and its model: what a candidate's work item carries, so that its key
     * does not depend on the other seeds and models.
     */
    public CandidateConfig withSeed(long seed) {
        String own = models.isEmpty() ? model : modelOf(seed);
        return with(own, List.of(seed), List.of());
    }

    /** The same with other seeds. */
    public CandidateConfig withSeeds(List<Long> others) {
        return with(model, others, models);
    }

    /** The same with several generators. */
    public CandidateConfig withModels(List<String> several) {
        return with(null, seeds, several);
    }

    private CandidateConfig with(
            @Nullable String one, List<Long> otherSeeds, List<String> several) {
        return copy(one, otherSeeds, width, height, frames, negativePrompt, loras, prune, several);
    }

    /** The same with another negative prompt. */
    public CandidateConfig withNegativePrompt(String negative) {
        return copy(model, seeds, width, height, frames, negative, loras, prune, models);
    }

    /** The same with a fixed size and number of frames. */
    public CandidateConfig withSize(int pixelsWide, int pixelsHigh, int count) {
        return copy(
                model, seeds, pixelsWide, pixelsHigh, count, negativePrompt, loras, prune, models);
    }

    /** The same with another rule of which candidates are finished, null for all. */
    public CandidateConfig withPrune(@Nullable Prune other) {
        return copy(model, seeds, width, height, frames, negativePrompt, loras, other, models);
    }

    /** The same with other LoRAs, null for those that belong to the model. */
    public CandidateConfig withLoras(@Nullable List<Lora> others) {
        return copy(model, seeds, width, height, frames, negativePrompt, others, prune, models);
    }

    private CandidateConfig copy(
            @Nullable String one,
            List<Long> itsSeeds,
            @Nullable Integer pixelsWide,
            @Nullable Integer pixelsHigh,
            @Nullable Integer count,
            String negative,
            @Nullable List<Lora> itsLoras,
            @Nullable Prune finished,
            List<String> several) {
        return new CandidateConfig(
                one,
                itsSeeds,
                steps,
                pixelsWide,
                pixelsHigh,
                sizeRule,
                count,
                fps,
                guidance,
                negative,
                scheduler,
                shift,
                boundary,
                parameters,
                itsLoras,
                precision,
                offload,
                codec,
                crf,
                retrySeeds,
                finished,
                several);
    }

    /**
     * The seeds of a sample's candidates: the configured ones and, for each further model, as many
     * that follow the largest. Noise of one seed has nothing in common for two models, so a seed
     * can stand for one candidate of a sample.
     */
    public List<Long> candidateSeeds() {
        var all = new ArrayList<>(seeds);
        all.addAll(following(seeds, (Math.max(1, models.size()) - 1) * seeds.size()));
        return List.copyOf(all);
    }

    /**
     * The generator of a candidate; seeds that are tried beside the configured ones go from model
     * to model.
     */
    public String modelOf(long seed) {
        if (models.isEmpty()) {
            return model == null ? DEFAULT_MODEL : model;
        }
        int at = candidateSeeds().indexOf(seed);
        if (at >= 0) {
            return models.get(at / seeds.size());
        }
        return models.get(Math.max(0, furtherSeeds().indexOf(seed)) % models.size());
    }

    /** Whether some of the candidates of these seeds are not finished. */
    public boolean prunes() {
        return prune != null && prune.kept() < candidateSeeds().size();
    }

    /** How many candidates a sample is meant to have. */
    public int finished() {
        int all = candidateSeeds().size();
        return prune == null ? all : Math.min(prune.kept(), all);
    }

    /**
     * The seeds that may be tried beside the configured ones: those that follow the largest, in
     * order.
     */
    public List<Long> furtherSeeds() {
        return following(candidateSeeds(), retrySeeds);
    }

    /** Seeds after the largest of these, in order, none of them twice. */
    private static List<Long> following(List<Long> taken, int count) {
        long seed = Collections.max(taken);
        var further = new ArrayList<Long>();
        while (further.size() < count) {
            seed = seed == Long.MAX_VALUE ? 0 : seed + 1;
            if (!taken.contains(seed)) {
                further.add(seed);
            }
        }
        return List.copyOf(further);
    }

    /** All parameters that a family checks: {@link #parameters}, shift and boundary, as set. */
    public Map<String, Double> familyParameters() {
        var all = new TreeMap<>(parameters);
        if (shift != null) {
            all.put("shift", shift);
        }
        if (boundary != null) {
            all.put("boundary", boundary);
        }
        return Collections.unmodifiableMap(all);
    }
}
