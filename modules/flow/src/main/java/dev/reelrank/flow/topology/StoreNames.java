package dev.reelrank.flow.topology;

/** The stores; their names are part of the names of changelog topics and must not change. */
final class StoreNames {
    static final String SAMPLES = "samples";
    static final String RUNS = "runs";
    static final String MARKS = "run-samples";
    static final String PREFERENCES = "preferences";

    static final String BESIDE = "beside";

    /** Every instance has all of it: the preference model in force. */
    static final String STANDARDS = "standards";

    /** Every instance has all of it: when runs were done. */
    static final String DONE_RUNS = "done-runs";

    /** The one key of {@link #PREFERENCES}. */
    static final String PREFERENCE_KEY = "preference";

    private StoreNames() {}
}
