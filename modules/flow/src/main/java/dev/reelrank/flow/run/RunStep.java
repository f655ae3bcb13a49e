package dev.reelrank.flow.run;

import dev.reelrank.flow.Decision;

/** What follows from news of a sample: the run's state and effects, and the sample's new mark. */
public record RunStep(Decision<RunState> run, SampleMark mark) {}
