package dev.reelrank.flow.run;

import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run as flow remembers it; what it knows of each sample stands beside it in {@link SampleMark}s,
 * so that a run of a hundred thousand samples is no larger than one of ten.
 *
 * @param opened null while only samples of it have come: topics are not ordered among each other
 * @param closed by submission: how many distinct samples it sent
 * @param groups how many samples each set of submissions sent: keys are submission ids, sorted, one
 *     a line
 * @param done samples that ended well
 * @param failed samples that ended without a video
 * @param partial samples some of whose seeds failed
 * @param told what readers of {@code runs} know, null before the first word
 */
public record RunState(
        @Nullable RunOpened opened,
        Map<String, Integer> closed,
        Map<String, Integer> groups,
        int done,
        int failed,
        int partial,
        @Nullable RunUpdated told) {
    /** The group of samples whose submission could not be read: no submission is named. */
    private static final String UNKNOWN = "";

    public static final RunState EMPTY = new RunState(null, Map.of(), Map.of(), 0, 0, 0, null);

    public RunState {
        closed = Collections.unmodifiableMap(new TreeMap<>(closed));
        groups = Collections.unmodifiableMap(new TreeMap<>(groups));
    }

    /** Whether a user deleted it. */
    boolean deleted() {
        return told != null && told.status() == RunUpdated.Status.DELETED;
    }

    /** Distinct samples that have come. */
    int samples() {
        return groups.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Distinct samples that a submission has sent so far. */
    int seen(String submission) {
        return groups.entrySet().stream()
                .filter(e -> List.of(e.getKey().split("\n")).contains(submission))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** Samples that closed submissions announced and that have not come yet. */
    int underWay() {
        int missing =
                closed.entrySet().stream()
                        .mapToInt(e -> Math.max(0, e.getValue() - seen(e.getKey())))
                        .sum();
        // What could not be read names no submission, but it was one of these samples.
        return Math.max(0, missing - groups.getOrDefault(UNKNOWN, 0));
    }

    /** Closed submissions all of whose samples have come, sorted. */
    List<String> settled() {
        return closed.entrySet().stream()
                .filter(e -> seen(e.getKey()) >= e.getValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Whether no more samples are announced. A submission that died before it closed does not hold
     * the run open once all it sent was sent by a closed one too.
     */
    boolean complete() {
        return !closed.isEmpty()
                && groups.keySet().stream()
                        .allMatch(
                                g ->
                                        g.equals(UNKNOWN)
                                                || List.of(g.split("\n")).stream()
                                                        .anyMatch(closed::containsKey));
    }
}
