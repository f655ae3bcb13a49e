package dev.reelrank.pipeline.event;

/** Anything that stands on a topic. */
public sealed interface Event
        permits RunOpened,
                SampleSubmitted,
                RunClosed,
                RunDeleted,
                RetryRequested,
                CancelRequested,
                WorkRequested,
                WorkItem,
                WorkReport,
                SampleFact,
                StageFact,
                DeadLetter,
                RunUpdated,
                SampleUpdated,
                ProgressReported,
                SelectionMade,
                VoteCast,
                TuneRequested,
                TuneReset,
                QualityStandards,
                PairDrawn,
                AdapterImported,
                AdapterJudged,
                AdapterUpdated {}
