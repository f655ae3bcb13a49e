package dev.reelrank.worker.health;

/** How a worker writes its log. */
public enum LogFormat {
    JSON,
    TEXT
}
