package dev.reelrank.pipeline.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the prompt is written.
 *
 * @param mode ultra_enrich, simplify_v1, simplify_v2, simplify_v3, simplify_v4, enhance, decompose,
 *     none or auto
 * @param system replaces the mode's instruction; then no rule is checked. Null: the mode's own
 * @param maxNewTokens 1..4096
 * @param temperature 0 is greedy, at most 2
 * @param slowVerbs prefer slow verbs (slowly, gently, carefully, smoothly)
 * @param prefix put before the written prompt, may be empty
 * @param negativeTerms appended to the negative prompt
 * @param autoWords mode auto enriches prompts under this many words
 * @param precision auto, fp32, bf16 or int4
 */
public record PromptConfig(
        String mode,
        @Nullable String system,
        int maxNewTokens,
        double temperature,
        boolean slowVerbs,
        String prefix,
        List<String> negativeTerms,
        int autoWords,
        String precision)
        implements StageConfig {
    public static final List<String> MODES =
            List.of(
                    "ultra_enrich",
                    "simplify_v1",
                    "simplify_v2",
                    "simplify_v3",
                    "simplify_v4",
                    "enhance",
                    "decompose",
                    "none",
                    "auto");

    public PromptConfig {
        Check.that(MODES.contains(mode), "prompt.mode", mode, "one of " + MODES);
        Check.range("prompt.maxNewTokens", maxNewTokens, 1, 4096);
        Check.range("prompt.temperature", temperature, 0, 2);
        Check.range("prompt.autoWords", autoWords, 0, 1000);
        Check.that(
                List.of("auto", "fp32", "bf16", "int4").contains(precision),
                "prompt.precision",
                precision,
                "auto, fp32, bf16 or int4");
        negativeTerms = List.copyOf(negativeTerms);
    }

    public static PromptConfig defaults() {
        return new PromptConfig("ultra_enrich", null, 256, 0, false, "", List.of(), 40, "auto");
    }
}
