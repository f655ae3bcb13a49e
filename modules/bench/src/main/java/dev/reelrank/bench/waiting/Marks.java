package dev.reelrank.bench.waiting;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Faults that a sample carries in its prompt, so that they follow it through every process.
 *
 * <pre>
 * [halt:STAGE]        the process that runs it exits at once
 * [user:STAGE]        the stage cannot read it: USER
 * [broken:STAGE]      a fault of ours: INTERNAL
 * [broken-seed:N]     the candidate of one seed is a fault of ours each time
 * [halt-seed:N]       the process that makes the candidate of one seed dies on the spot
 * [user-while:FILE]   no candidate can be made of it as long as the file is there
 * [throw:STAGE]       the stage throws what nobody foresaw
 * [not-finite]        the ranking's scores are not numbers
 * [hang:STAGE]        the stage makes no progress until it is cancelled
 * </pre>
 */
final class Marks {
    private static final Pattern WHILE = Pattern.compile("\\[user-while:([^]]+)]");

    private Marks() {}

    /** Whether the stage makes no progress with it. */
    static boolean hangs(StageName stage, String prompt) {
        return prompt.contains("[hang:" + stage.id() + "]");
    }

    /** A score of a candidate. */
    static double score(String prompt) {
        return prompt.contains("[not-finite]") ? Double.NaN : 0;
    }

    static void apply(StageName stage, String prompt, long seed) {
        if (prompt.contains("[halt:" + stage.id() + "]")
                || (stage.equals(StageName.CANDIDATE)
                        && prompt.contains("[halt-seed:" + seed + "]"))) {
            Runtime.getRuntime().halt(9);
        }
        if (prompt.contains("[throw:" + stage.id() + "]")) {
            throw new ArithmeticException("the sample is marked as one that nobody foresaw");
        }
        if (prompt.contains("[user:" + stage.id() + "]")) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "the sample is marked as unreadable");
        }
        var file = WHILE.matcher(prompt);
        if (stage.equals(StageName.CANDIDATE)
                && file.find()
                && Files.exists(Path.of(file.group(1)))) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "the sample waits for " + file.group(1));
        }
        if (prompt.contains("[broken:" + stage.id() + "]")
                || (stage.equals(StageName.CANDIDATE)
                        && prompt.contains("[broken-seed:" + seed + "]"))) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR,
                    "the sample is marked as one that breaks the stage");
        }
    }
}
