package dev.reelrank.qwen.prompts;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.PromptConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The modes that ship, each read from its resource {@code modes/<name>.yaml}. */
public final class PromptModes {
    /** Uses the original prompt. */
    public static final String NONE = "none";

    /** Enriches a short prompt and leaves a long one alone. */
    public static final String AUTO = "auto";

    public static final String DEFAULT = "ultra_enrich";

    private static final Set<String> KEYS =
            Set.of(
                    "instruction",
                    "image",
                    "words",
                    "sentences",
                    "openers",
                    "wordsPerSentence",
                    "tags",
                    "brands",
                    "pad");

    private PromptModes() {}

    /** Every name that {@code --mode} takes. */
    public static List<String> names() {
        return PromptConfig.MODES;
    }

    /**
     * The mode that a name means for a prompt; empty where the original prompt is used.
     *
     * @param autoWords {@code auto} enriches prompts with fewer words than this
     * @throws StageException INVALID_CONFIG for a name that is no mode
     */
    public static Optional<PromptMode> resolve(String name, String prompt, int autoWords) {
        return switch (name) {
            case NONE -> Optional.empty();
            case AUTO ->
                    Words.count(prompt) < autoWords ? Optional.of(mode(DEFAULT)) : Optional.empty();
            default -> Optional.of(mode(name));
        };
    }

    /**
     * A hash of every instruction, rule and list of names that ships: what decides a written prompt
     * beside the model and the request.
     */
    public static String hash() {
        var text = new StringBuilder();
        for (var name : names()) {
            if (!name.equals(NONE) && !name.equals(AUTO)) {
                text.append(name).append('\n').append(resource("modes/" + name + ".yaml"));
            }
        }
        return Sha256.of(text.append(resource("brands.txt")).toString());
    }

    private static String resource(String name) {
        var path = "/dev/reelrank/qwen/" + name;
        try (var in = PromptModes.class.getResourceAsStream(path)) {
            return new String(
                    Objects.requireNonNull(in, path + " is not on the class path").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** A written mode by its name. */
    public static PromptMode mode(String name) {
        if (!names().contains(name) || name.equals(NONE) || name.equals(AUTO)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no such prompt mode: '"
                            + name
                            + "'; use one of "
                            + String.join(", ", names()));
        }
        return read(name, resource("modes/" + name + ".yaml"));
    }

    static PromptMode read(String name, String yaml) {
        var settings = LoadSettings.builder().setLabel(name + ".yaml").build();
        var file = (Map<?, ?>) new Load(settings).loadFromString(yaml);
        for (var key : file.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        name + ".yaml has the unknown key '" + key + "'; known are " + KEYS);
            }
        }
        return new PromptMode(
                name,
                (String) Objects.requireNonNull(file.get("instruction"), "instruction is missing"),
                Boolean.TRUE.equals(file.get("image")),
                Objects.requireNonNull(range(file.get("words")), "words is missing"),
                file.get("sentences") instanceof Integer count ? count : 0,
                strings(file.get("openers")),
                range(file.get("wordsPerSentence")),
                tags(file.get("tags")),
                "forbidden".equals(file.get("brands")),
                strings(file.get("pad")));
    }

    private static @Nullable Range range(@Nullable Object value) {
        return value instanceof List<?> pair
                ? new Range((Integer) pair.get(0), (Integer) pair.get(1))
                : null;
    }

    private static List<String> strings(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String.class::cast).toList()
                : List.of();
    }

    private static Map<String, String> tags(@Nullable Object value) {
        var tags = new LinkedHashMap<String, String>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((label, text) -> tags.put((String) label, (String) text));
        }
        return Collections.unmodifiableMap(tags);
    }
}
