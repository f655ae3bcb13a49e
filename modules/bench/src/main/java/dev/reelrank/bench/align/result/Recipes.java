package dev.reelrank.bench.align.result;

import java.util.List;

/**
 * What was found on train and validation scenes to work; docs/alignment-results.md says what else
 * was tried.
 */
final class Recipes {
    /** Candidates per sample among which two are chosen to be ranked. */
    static final int CANDIDATES = 6;

    /** Candidates per selection. */
    static final int SHOWN_TO_THE_USER = 2;

    /** Strength of the jitter, Video-DPO's. */
    static final double JITTER = 0.15;

    /** The worn base, under the testbed's models. */
    static final String FLICKERING = "flickering";

    static final Recipe RANKINGS = new Recipe(List.of(Recipe.LOW), 8, 1e-3, 500, 0, 60, 1, true);
    static final Recipe STEADY =
            new Recipe(List.of(Recipe.HIGH, Recipe.LOW), 8, 1e-3, 100, 1, 120, 1, true);
    static final Recipe UNGUARDED =
            new Recipe(List.of(Recipe.HIGH, Recipe.LOW), 8, 1e-3, 100, 0, 120, 1, true);
    static final Recipe TASTE =
            new Recipe(List.of(Recipe.HIGH, Recipe.LOW), 8, 1e-3, 2000, 0, 120, 1, true);

    private Recipes() {}
}
