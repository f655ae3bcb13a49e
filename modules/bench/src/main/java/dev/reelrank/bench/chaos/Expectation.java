package dev.reelrank.bench.chaos;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import java.util.Set;

/**
 * How a sample must end, whatever happens around it.
 *
 * @param codes of which one must have made it fail; empty if it must be done
 * @param partial whether a seed of it fails each time
 */
public record Expectation(Set<FailureCode> codes, boolean partial) {
    static final Expectation DONE = new Expectation(Set.of(), false);
    static final Expectation PARTIAL = new Expectation(Set.of(), true);

    static Expectation failed(FailureCode... codes) {
        return new Expectation(Set.of(codes), false);
    }

    boolean fits(SampleUpdated update) {
        if (codes.isEmpty()) {
            return update.status() == Status.DONE && update.partial() == partial;
        }
        var failure = update.failure();
        return update.status() == Status.FAILED
                && failure != null
                && codes.contains(failure.code());
    }
}
