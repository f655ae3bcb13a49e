package dev.reelrank.flow.sample;

import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.SampleFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Candidates of one sample can be compared if they were made with the same weights. They were not
 * if a run was continued with other model files, or if workers of a farm have different ones.
 */
final class SameWeights {
    /** As much of a fingerprint as people need to tell two apart. */
    private static final int SHOWN = 12;

    private SameWeights() {}

    /**
     * The succeeded work that has other weights than most of it; of two equal halves the one whose
     * first seed comes later. Work of unknown weights is with the others.
     *
     * @param works of one stage, in the order of the seeds
     */
    static List<WorkState> others(List<WorkState> works) {
        var groups = new LinkedHashMap<String, List<WorkState>>();
        for (var work : works) {
            if (work.is(Phase.SUCCEEDED) && work.fingerprint() != null) {
                groups.computeIfAbsent(work.fingerprint(), f -> new ArrayList<>()).add(work);
            }
        }
        List<WorkState> most = List.of();
        for (var group : groups.values()) {
            most = group.size() > most.size() ? group : most;
        }
        var others = new ArrayList<WorkState>();
        for (var group : groups.values()) {
            if (group != most) {
                others.addAll(group);
            }
        }
        return others;
    }

    /** What the sample says about such work. */
    static SampleFailure notCompared(WorkState work) {
        var ref = work.ref();
        return new SampleFailure(
                ref.stage(),
                ref.seed(),
                ref.workId(),
                ref.epoch(),
                FailureCode.MODEL_MISMATCH,
                "not compared with the others: it was made with other weights (fingerprint %s); see to it that all workers have the same model files, then dead retry makes what differs again"
                        .formatted(shown(String.valueOf(work.fingerprint()))));
    }

    private static String shown(String fingerprint) {
        return fingerprint.length() <= SHOWN ? fingerprint : fingerprint.substring(0, SHOWN);
    }
}
