package dev.reelrank.pipeline.event;

import java.time.Instant;

/**
 * A user deletes a run: clients no longer show it, and what only its facts name may be removed from
 * the store. Nothing happens while samples of it are under way.
 *
 * @param by who asked, for people
 */
public record RunDeleted(String runId, String by, Instant at) implements Event {}
