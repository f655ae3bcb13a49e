package dev.reelrank.bus.process;

/** How a worker writes its log. */
public enum LogFormat {
    JSON,
    TEXT
}
