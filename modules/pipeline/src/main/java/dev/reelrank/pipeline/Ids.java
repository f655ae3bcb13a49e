package dev.reelrank.pipeline;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How runs, samples and work items are named. */
public final class Ids {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final DateTimeFormatter RUN_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private Ids() {}

    /**
     * Returns the id if it may name a sample (it becomes part of file names), else fails with the
     * rule.
     */
    public static String requireSampleId(String id) {
        return require("sample", id);
    }

    /** Returns the id if it may name a run. */
    public static String requireRunId(String id) {
        return require("run", id);
    }

    /** A new run id: the time in UTC, so that runs sort by age, and a few random digits. */
    public static String newRunId(Instant now) {
        return RUN_TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 6);
    }

    /**
     * The id of one piece of work; outcomes are deduplicated by it and its epoch. 32 hex digits.
     *
     * @param seed the candidate's seed, null for the stages that have none
     */
    public static String workId(
            String runId, String sampleId, StageName stage, @Nullable Long seed) {
        // Ids cannot contain a slash, so the parts cannot run into each other.
        return Sha256.of(
                        runId
                                + "/"
                                + sampleId
                                + "/"
                                + stage.id()
                                + "/"
                                + (seed == null ? "" : seed))
                .substring(0, 32);
    }

    /**
     * The id of work that a stage does for a sample beside its own: a draft, or the comparison of
     * drafts.
     *
     * @param part name of the work within its stage; empty for the stage's own work
     */
    public static String workId(
            String runId, String sampleId, StageName stage, @Nullable Long seed, String part) {
        return part.isEmpty()
                ? workId(runId, sampleId, stage, seed)
                : Sha256.of(workId(runId, sampleId, stage, seed) + "/" + part).substring(0, 32);
    }

    private static String require(String what, String id) {
        if (!NAME.matcher(id).matches()) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE_ID,
                    "invalid "
                            + what
                            + " id '"
                            + id
                            + "': use letters, digits, '.', '_' and '-', at most 128, starting with a letter or digit");
        }
        return id;
    }
}
