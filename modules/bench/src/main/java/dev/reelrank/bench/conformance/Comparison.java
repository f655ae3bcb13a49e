package dev.reelrank.bench.conformance;

/** Compares the parts of one kind of model. */
interface Comparison {
    /** Computes what a fixture holds, and adds what each part differs by. */
    void compare(Fixture fixture, Findings findings);
}
