package dev.reelrank.flow;

import dev.reelrank.flow.work.Limits;
import dev.reelrank.pipeline.config.TuneConfig;
import java.time.Duration;

/**
 * What may be set about flow.
 *
 * @param limits when it gives up
 * @param reemitAfter work that disappeared from its queue and has had no outcome for this time is
 *     emitted again
 * @param emissionMargin how much earlier than the oldest record still owed work must have been
 *     emitted to count as gone: covers transactions under way and clocks of flow processes that
 *     differ
 * @param keepPayloads so long after its run is done a sample can be retried
 * @param tuneEvery number of new selections that starts a training
 * @param tune how it is trained
 * @param align trainings of adapters that flow starts by itself
 * @param quarantineAfter how long what a newer build wrote is kept before it becomes a dead letter
 */
public record FlowSettings(
        Limits limits,
        Duration reemitAfter,
        Duration emissionMargin,
        Duration keepPayloads,
        int tuneEvery,
        TuneConfig tune,
        AutoAligns align,
        Duration quarantineAfter) {
    public static final FlowSettings DEFAULT =
            new FlowSettings(
                    Limits.DEFAULT,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    Duration.ofDays(7),
                    5,
                    TuneConfig.defaults(),
                    AutoAligns.NONE,
                    Duration.ofSeconds(60));

    public FlowSettings {
        if (reemitAfter.isNegative() || emissionMargin.isNegative() || keepPayloads.isNegative()) {
            throw new IllegalArgumentException("a time must not be negative");
        }
        if (tuneEvery < 1) {
            throw new IllegalArgumentException("tuneEvery must be at least 1, was " + tuneEvery);
        }
    }

    public FlowSettings withReemitAfter(Duration after) {
        return new FlowSettings(
                limits,
                after,
                emissionMargin,
                keepPayloads,
                tuneEvery,
                tune,
                align,
                quarantineAfter);
    }

    public FlowSettings withEmissionMargin(Duration margin) {
        return new FlowSettings(
                limits, reemitAfter, margin, keepPayloads, tuneEvery, tune, align, quarantineAfter);
    }

    public FlowSettings withKeepPayloads(Duration keep) {
        return new FlowSettings(
                limits, reemitAfter, emissionMargin, keep, tuneEvery, tune, align, quarantineAfter);
    }

    public FlowSettings withTuneEvery(int selections) {
        return new FlowSettings(
                limits,
                reemitAfter,
                emissionMargin,
                keepPayloads,
                selections,
                tune,
                align,
                quarantineAfter);
    }

    /** With other trainings of adapters that flow starts by itself. */
    public FlowSettings withAlign(AutoAligns auto) {
        return new FlowSettings(
                limits,
                reemitAfter,
                emissionMargin,
                keepPayloads,
                tuneEvery,
                tune,
                auto,
                quarantineAfter);
    }

    public FlowSettings withQuarantineAfter(Duration wait) {
        return new FlowSettings(
                limits, reemitAfter, emissionMargin, keepPayloads, tuneEvery, tune, align, wait);
    }
}
