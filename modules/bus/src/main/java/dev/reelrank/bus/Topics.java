package dev.reelrank.bus;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every topic's name and settings, and where every event goes. docs/bus.md has the table.
 *
 * <p>Events about a sample are keyed by {@link #sampleKey}, about a run by the run id; selections,
 * tunings and the quality standards have one partition and one key.
 */
public final class Topics {
    /** The one key of {@code selections}, {@code tunings} and {@code quality.standards}. */
    public static final String PREFERENCE_KEY = Stages.PREFERENCE_KEY;

    private static final String HOUR = Long.toString(3_600_000);
    private static final String MAX_MESSAGE_BYTES = Integer.toString(16 << 20);

    private final String prefix;
    private final Stages stages;

    /**
     * @param prefix stands before every name, may be empty
     */
    public Topics(String prefix, Stages stages) {
        this.prefix = prefix;
        this.stages = stages;
    }

    /** The stages that the topics are for. */
    public Stages stages() {
        return stages;
    }

    /** Key of everything about a sample of a run. Ids hold no slash, so it reads both ways. */
    public static String sampleKey(String runId, String sampleId) {
        return runId + "/" + sampleId;
    }

    public String submissions() {
        return prefix + Stages.SUBMISSIONS;
    }

    /** Samples in JSON, from clients that know no Avro; flow makes {@link #submissions} of them. */
    public String jsonSubmissions() {
        return prefix + "submissions.json";
    }

    /** The consumer group that reads {@link #jsonSubmissions}. */
    public String jsonGroup() {
        return flowGroup() + "-json";
    }

    /** Where work beside the samples is asked for; there only if a stage is asked there. */
    public String requests() {
        return prefix + Stages.REQUESTS;
    }

    /** The fact that a sample is part of a run. */
    public String samples() {
        return prefix + "samples";
    }

    /** The queue of a stage: one partition, read by the share group {@link #group}. */
    public String work(StageName stage) {
        return prefix + "work." + stage.id();
    }

    /** The share group of a stage's workers. */
    public String group(StageName stage) {
        return prefix + "workers." + stage.id();
    }

    /**
     * The consumer group of all flow processes, also the name that their internal topics begin
     * with.
     */
    public String flowGroup() {
        return prefix + "flow";
    }

    /**
     * The topics that only flow reads: once it has taken a record in, what follows is in its state
     * and on the fact topics.
     */
    public List<String> flowInbox() {
        var inbox = new ArrayList<String>();
        inbox.add(submissions());
        if (!stages.requested().isEmpty()) {
            inbox.add(requests());
        }
        for (StageName stage : stages.names()) {
            inbox.add(results(stage));
        }
        return List.copyOf(inbox);
    }

    /** What workers say: raw, at least once. */
    public String results(StageName stage) {
        return prefix + "results." + stage.id();
    }

    /** The facts of a stage: prompts, candidates, rankings, grades, tunings … */
    public String facts(StageName stage) {
        return prefix + stages.of(stage).facts();
    }

    public String dead(StageName stage) {
        return prefix + "dead." + stage.id();
    }

    /** Progress and outcome of each run and each sample; compacted. */
    public String runs() {
        return prefix + "runs";
    }

    /** Steps of work under way; best effort, kept for an hour. */
    public String progress() {
        return prefix + "progress";
    }

    public String selections() {
        return prefix + Stages.SELECTIONS;
    }

    /** What people said about two videos; kept, because results are counted from it again. */
    public String votes() {
        return prefix + "votes";
    }

    /** The preference model in force; compacted. */
    public String qualityStandards() {
        return prefix + "quality.standards";
    }

    /** What is known about each version of each adapter; compacted. */
    public String adapters() {
        return prefix + "adapters";
    }

    /** Key of everything that is asked about an adapter. */
    private static String adapterKey(String name) {
        return sampleKey(Stages.ADAPTERS_RUN, name);
    }

    /**
     * The topic and key of an event.
     *
     * @throws IllegalArgumentException for a dead letter with neither work nor a source
     */
    public Route route(Event event) {
        if (event instanceof WorkItem e) {
            return new Route(work(e.work().stage()), e.work().workId());
        } else if (event instanceof WorkReport e) {
            return new Route(results(e.work().stage()), key(e.work()));
        } else if (event instanceof StageFact e) {
            return new Route(facts(e.work().stage()), key(e.work()));
        } else if (event instanceof SampleFact e) {
            return new Route(samples(), sampleKey(e.runId(), e.sampleId()));
        } else if (event instanceof ProgressReported e) {
            return new Route(progress(), key(e.work()));
        } else if (event instanceof RunUpdated e) {
            return new Route(runs(), e.runId());
        } else if (event instanceof SampleUpdated e) {
            return new Route(runs(), sampleKey(e.runId(), e.sampleId()));
        } else if (event instanceof RunOpened e) {
            return new Route(submissions(), e.runId());
        } else if (event instanceof RunClosed e) {
            return new Route(submissions(), e.runId());
        } else if (event instanceof RunDeleted e) {
            return new Route(submissions(), e.runId());
        } else if (event instanceof SampleSubmitted e) {
            return new Route(submissions(), sampleKey(e.runId(), e.sampleId()));
        } else if (event instanceof RetryRequested e) {
            return new Route(submissions(), sampleKey(e.runId(), e.sampleId()));
        } else if (event instanceof CancelRequested e) {
            return new Route(submissions(), sampleKey(e.runId(), e.sampleId()));
        } else if (event instanceof WorkRequested e) {
            return new Route(requests(), key(e.work()));
        } else if (event instanceof PairDrawn e) {
            return new Route(requests(), adapterKey(e.name()));
        } else if (event instanceof AdapterImported e) {
            return new Route(requests(), adapterKey(e.name()));
        } else if (event instanceof AdapterJudged e) {
            return new Route(requests(), adapterKey(e.name()));
        } else if (event instanceof AdapterUpdated e) {
            return new Route(adapters(), e.adapter().id());
        } else if (event instanceof DeadLetter e) {
            return deadLetter(e);
        } else if (event instanceof QualityStandards) {
            return new Route(qualityStandards(), PREFERENCE_KEY);
        } else if (event instanceof VoteCast e) {
            return new Route(votes(), e.sampleId());
        } else if (event instanceof SelectionMade
                || event instanceof TuneRequested
                || event instanceof TuneReset) {
            return new Route(selections(), PREFERENCE_KEY);
        }
        throw new IllegalArgumentException("no topic for " + event.getClass().getName());
    }

    /**
     * One without work is keyed by the record it was made of, and belongs to that topic's stage.
     */
    private Route deadLetter(DeadLetter letter) {
        WorkRef work = letter.work();
        if (work != null) {
            return new Route(dead(work.stage()), key(work));
        }
        String source = letter.source() == null ? "" : letter.source();
        return new Route(dead(stageOf(source.replaceFirst("-\\d+@\\d+$", ""))), source);
    }

    /**
     * Whose dead letters come from a topic: the stage that works it off, or whose first work it
     * asks for.
     *
     * @throws IllegalArgumentException if nothing unreadable can come from there
     */
    public StageName stageOf(String topic) {
        for (StageName stage : stages.names()) {
            if (topic.equals(work(stage)) || topic.equals(results(stage))) {
                return stage;
            }
        }
        if (topic.equals(jsonSubmissions())) {
            return stageOf(submissions());
        }
        StageName asked =
                topic.startsWith(prefix) ? stages.askedOn(topic.substring(prefix.length())) : null;
        if (asked == null) {
            throw new IllegalArgumentException("no stage reads topic '" + topic + "'");
        }
        return asked;
    }

    /** Key of everything about a piece of work, but of its record on the queue. */
    public String key(WorkRef work) {
        String only = stages.of(work.stage()).onlyKey();
        return only != null ? only : sampleKey(work.runId(), work.sampleId());
    }

    /** Every topic with what it has to be. */
    public List<TopicSpec> all() {
        var specs = new ArrayList<TopicSpec>();
        specs.add(kept(submissions(), true));
        specs.add(kept(jsonSubmissions(), true));
        if (!stages.requested().isEmpty()) {
            specs.add(kept(requests(), true));
        }
        specs.add(kept(samples(), true));
        for (StageName stage : stages.names()) {
            boolean keyed = stages.of(stage).onlyKey() == null;
            specs.add(
                    spec(
                            work(stage),
                            false,
                            Map.of(
                                    "cleanup.policy", "delete",
                                    "retention.ms", "-1",
                                    "retention.bytes", "-1",
                                    // flow compares emission times with these.
                                    "message.timestamp.type", "LogAppendTime")));
            specs.add(kept(results(stage), keyed));
            specs.add(kept(facts(stage), keyed));
            specs.add(kept(dead(stage), keyed));
        }
        specs.add(spec(runs(), true, Map.of("cleanup.policy", "compact")));
        specs.add(
                spec(
                        progress(),
                        true,
                        Map.of(
                                "cleanup.policy",
                                "delete",
                                "retention.ms",
                                HOUR,
                                // Only closed segments are removed.
                                "segment.ms",
                                Long.toString(600_000))));
        specs.add(kept(selections(), false));
        specs.add(kept(votes(), true));
        specs.add(spec(qualityStandards(), false, Map.of("cleanup.policy", "compact")));
        if (stages.contains(StageName.ALIGN)) {
            specs.add(spec(adapters(), false, Map.of("cleanup.policy", "compact")));
        }
        return List.copyOf(specs);
    }

    private static TopicSpec kept(String name, boolean keyed) {
        return spec(
                name,
                keyed,
                Map.of(
                        "cleanup.policy", "delete",
                        "retention.ms", "-1",
                        "retention.bytes", "-1"));
    }

    private static TopicSpec spec(String name, boolean keyed, Map<String, String> config) {
        var all = new HashMap<>(config);
        // A tuning carries every selection, a sample of a replay all its facts.
        all.put("max.message.bytes", MAX_MESSAGE_BYTES);
        return new TopicSpec(name, keyed, all);
    }
}
