package dev.reelrank.testbed;

/** How far an action goes within the clip. */
public enum Speed {
    SLOW,
    FAST
}
