package dev.reelrank.hub.remote;

import java.time.Duration;

/**
 * How long to wait for a hub, and how often to ask again.
 *
 * @param answer until a connection stands, and until an answer begins
 * @param stall without a byte, until a transfer counts as broken
 * @param firstPause before the second attempt; doubles with each further one
 * @param longestPause between two attempts; a hub that asks for more ends the fetch
 * @param attempts in a row without progress
 */
public record Patience(
        Duration answer, Duration stall, Duration firstPause, Duration longestPause, int attempts) {
    /** For a hub on the internet. */
    public static Patience standard() {
        return new Patience(
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofMinutes(6),
                6);
    }
}
