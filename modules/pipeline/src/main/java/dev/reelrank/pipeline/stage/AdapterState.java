package dev.reelrank.pipeline.stage;

/** What an adapter is good for. */
public enum AdapterState {
    /** Trained or imported, not compared with its base. */
    CANDIDATE,
    /** Better than its base: {@code adapter:NAME@accepted} means the newest of these. */
    ACCEPTED,
    /** Not better than its base, or worse in what must not fall; kept for people to look at. */
    REJECTED,
    /** Taken back by a user; runs that name it still find its files. */
    RETIRED
}
