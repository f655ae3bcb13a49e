package dev.reelrank.bench.align.result;

import static dev.reelrank.bench.align.result.Recipe.SCHEDULE;
import static dev.reelrank.bench.align.result.Recipe.WARMUP;
import static dev.reelrank.torch.train.LearningRate.Shape.CONSTANT;
import static dev.reelrank.torch.train.LearningRate.Shape.COSINE;

import dev.reelrank.client.config.AlignFile;
import java.util.List;

/**
 * What was found on train and validation scenes to work; docs/alignment-results.md says what else
 * was tried.
 */
final class Recipes {
    /** Candidates per sample among which two are chosen to be ranked. */
    static final int CANDIDATES = 6;

    /** Pairs of {@link #RANKINGS}: ghosts are rare, so about a thousand scenes are looked at. */
    static final int RANKED_PAIRS = 64;

    /** Further seeds of each scene that gave a pair. */
    static final int FURTHER = 42;

    /** Most pairs that these may give per scene. */
    static final int PER_SCENE = 6;

    /** Recordings of {@link #WORN}. */
    static final int RECORDINGS = 128;

    /** Recordings of {@link #STEADY}: with a quarter of them motion is lost. */
    static final int JITTERED = 512;

    /** Selections of {@link #TASTE}. */
    static final int SELECTIONS = 60;

    /** Candidates per selection. */
    static final int SHOWN_TO_THE_USER = 6;

    /** Strength of the jitter, Video-DPO's. */
    static final double JITTER = 0.15;

    /** Strength of the flicker that the worn base learned: it loses half of its brightness. */
    static final double FLICKER = 0.5;

    /** The worn base, under the testbed's models. */
    static final String FLICKERING = "flickering";

    private static final List<String> BOTH = List.of(Recipe.HIGH, Recipe.LOW);

    /**
     * The one step that makes ghosts, in the noise that made them. Only the winners teach: with
     * beta 1000, and with 50 after 40 steps, all clips drifted away from winners and losers alike.
     * It is the preset of this name.
     */
    static final Recipe RANKINGS = Recipe.of(AlignFile.preset("rankings"));

    /** Plain fine-tuning: only the flickering recordings teach. */
    static final Recipe WORN =
            new Recipe(BOTH, Recipe.ALL, 4, 1e-3, CONSTANT, WARMUP, 0, 1, 600, 4, SCHEDULE, 0);

    /** A constant rate ended 5 % short of the truth's frame difference and motion. */
    static final Recipe STEADY =
            new Recipe(BOTH, Recipe.ALL, 16, 2e-3, COSINE, 20, 20, 1, 1000, 4, SCHEDULE, 0);

    static final Recipe TASTE =
            new Recipe(
                    BOTH,
                    Recipe.ATTENTION,
                    8,
                    3e-4,
                    CONSTANT,
                    WARMUP,
                    3000,
                    0,
                    200,
                    4,
                    SCHEDULE,
                    0);

    /** The generator of rooms has one network, which {@link Recipe#HIGH} names. */
    static final Recipe ROOMS =
            new Recipe(
                    List.of(Recipe.HIGH),
                    Recipe.ALL,
                    16,
                    4e-4,
                    COSINE,
                    20,
                    1000,
                    0.1,
                    400,
                    8,
                    SCHEDULE,
                    0);

    private Recipes() {}
}
