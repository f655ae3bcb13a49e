package dev.reelrank.bus;

import java.util.Locale;

/** Who talks to a cluster that checks rights; docs/operations.md has the table. */
public enum Role {
    /** Follows runs and collects results. */
    READER,
    /** Sends samples, selections and requests; a reader too. */
    SUBMITTER,
    /** Sends samples as JSON and sees nothing, such as kcat. */
    JSON_SUBMITTER,
    /** The studio: a submitter that also records votes. */
    STUDIO,
    /** A worker of some stages. */
    WORKER,
    /** Flow. */
    FLOW,
    /** Creates and repairs topics; only needed where flow may not create them. */
    TOPICS;

    /** As the command line spells it, for example json-submitter. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
