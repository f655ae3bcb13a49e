package dev.reelrank.flow;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;

/** One thing that a decision wants written. */
public sealed interface Effect {
    /** On {@code work.<stage>}. */
    record Work(WorkItem item) implements Effect {}

    /** On {@code samples}. */
    record Sample(SampleFact fact) implements Effect {}

    /**
     * On {@code prompts}, {@code candidates}, {@code rankings}, {@code grades} or {@code tunings}.
     */
    record Fact(StageFact fact) implements Effect {}

    /** On {@code dead.<stage>}. */
    record Dead(StageName stage, DeadLetter letter) implements Effect {}

    /** On {@code runs}, under run and sample. */
    record SampleStatus(SampleUpdated event) implements Effect {}

    /** On {@code runs}, under the run. */
    record RunStatus(RunUpdated event) implements Effect {}

    /** On {@code quality.standards}. */
    record Standards(QualityStandards event) implements Effect {}

    /** On {@code adapters}. */
    record Adapter(AdapterUpdated event) implements Effect {}

    /** On {@code requests}, for the adapter that flow trains by itself. */
    record Pair(PairDrawn event) implements Effect {}

    /** To the run that the sample belongs to, over the internal topic keyed by run. */
    record News(SampleNews news) implements Effect {}

    /**
     * A line for the log.
     *
     * @param warning whether an operator may have to act
     */
    record Note(boolean warning, String text) implements Effect {
        public static Note warning(String text) {
            return new Note(true, text);
        }

        public static Note info(String text) {
            return new Note(false, text);
        }
    }
}
