package dev.reelrank.torch.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How LoRA layers are made (Hu and others, LoRA: Low-Rank Adaptation of Large Language Models,
 * 2021): {@code y = x W^T + b + alpha / rank · (x A^T) B^T}.
 *
 * @param rank rows of A and columns of B, at least 1
 * @param alpha over the rank, the factor of the change; above 0
 * @param dropout share of the numbers of x that A does not see in a training step, 0 up to 1
 * @param targets which linear layers get one, as in PEFT: a layer whose dotted name equals an entry
 *     or ends with a dot and the entry. An entry that starts with {@code ^} is a regular expression
 *     for the whole name
 */
public record LoraConfig(int rank, double alpha, double dropout, List<String> targets) {
    public LoraConfig {
        targets = List.copyOf(targets);
        if (rank < 1) {
            throw invalid("rank must be at least 1, was " + rank);
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw invalid("alpha must be above 0, was " + alpha);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw invalid("dropout must be at least 0 and below 1, was " + dropout);
        }
        if (targets.isEmpty()) {
            throw invalid("targets name no layer");
        }
        targets.stream().filter(LoraConfig::isPattern).forEach(LoraConfig::compiled);
    }

    private static StageException invalid(String message) {
        return new StageException(FailureCode.INVALID_CONFIG, "LoRA: " + message);
    }

    private static boolean isPattern(String target) {
        return target.startsWith("^");
    }

    private static Pattern compiled(String pattern) {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "LoRA: '" + pattern + "' is not a regular expression: " + e.getDescription(),
                    e);
        }
    }

    /** Factor of the change. */
    public double scale() {
        return alpha / rank;
    }

    /** Whether a layer gets an adapter. */
    public boolean targets(String layer) {
        return targets.stream().anyMatch(target -> matches(target, layer));
    }

    private static boolean matches(String target, String layer) {
        return isPattern(target)
                ? compiled(target).matcher(layer).matches()
                : layer.equals(target) || layer.endsWith("." + target);
    }
}
