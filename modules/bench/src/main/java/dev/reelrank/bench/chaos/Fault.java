package dev.reelrank.bench.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The kinds of fault that {@code bench chaos} injects into a farm. */
public enum Fault {
    KILL_PROMPT,
    KILL_CANDIDATE,
    KILL_RANKING,
    KILL_GRADE,
    KILL_FLOW,
    /** Killed by its supervisor once its heartbeat is old. */
    STOP_PROMPT,
    STOP_CANDIDATE,
    STOP_RANKING,
    STOP_GRADE,
    /** Stopped for a while, then it goes on, as after a long pause of its host. */
    PAUSE_FLOW,
    KILL_BROKER,
    STORE_AWAY,
    STORE_FULL,
    CORRUPT_WORK_BYTES,
    CORRUPT_RESULT_BYTES,
    /** Every record of a work topic is deleted, what is in work among them. */
    DELETE_WORK,
    CORRUPT_STORED_RESULT,
    /** A candidate's video, which a later stage may still need. */
    CORRUPT_BLOB,
    /** A worker is asked to end and comes back. */
    TERMINATE_CANDIDATE,
    /** The broker that leads flow's group, of several. */
    KILL_FLOW_COORDINATOR,
    /** The broker that leads the queue of candidates, of several. */
    KILL_QUEUE_COORDINATOR,
    /** The broker that leads the metadata, of several. */
    KILL_CONTROLLER,
    /** A broker of several stops for longer than its session and wakes up. */
    PAUSE_BROKER,
    /** A broker of several is cut off from the others and from all clients, and comes back. */
    CUT_BROKER,
    /** Brokers, flows and workers are restarted one after the other, as for an upgrade. */
    ROLLING_RESTART;

    /** Whether it needs several brokers. */
    boolean needsCluster() {
        return compareTo(KILL_FLOW_COORDINATOR) >= 0;
    }

    /**
     * Every kind that is possible, in a fixed order.
     *
     * @param brokers of several, each is killed once
     * @param canCut whether brokers can be cut off from the network
     */
    static List<Fault> kinds(int brokers, boolean canCut) {
        var kinds = new ArrayList<Fault>();
        for (Fault fault : values()) {
            if ((brokers > 1 || !fault.needsCluster()) && (canCut || fault != CUT_BROKER)) {
                kinds.addAll(Collections.nCopies(fault == KILL_BROKER ? brokers : 1, fault));
            }
        }
        return kinds;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
