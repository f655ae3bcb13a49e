package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.RunInput;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.flow.run.RunFlow;
import dev.reelrank.flow.run.RunState;
import dev.reelrank.flow.run.SampleMark;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Keeps the state of the runs of one partition and does what {@link RunFlow} decides. */
final class RunProcessor implements Processor<String, RunInput, String, Outgoing> {
    private final RunFlow flow = new RunFlow();
    private final Topics topics;
    private final FlowMetrics metrics;

    private Outbox outbox;
    private ProcessorContext<String, Outgoing> context;
    private KeyValueStore<String, RunState> runs;
    private KeyValueStore<String, SampleMark> marks;

    RunProcessor(Topics topics, FlowMetrics metrics) {
        this.topics = topics;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, Outgoing> given) {
        context = given;
        outbox = new Outbox(given, topics, metrics);
        runs = given.getStateStore(StoreNames.RUNS);
        marks = given.getStateStore(StoreNames.MARKS);
    }

    @Override
    public void process(Record<String, RunInput> record) {
        var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        var input = record.value();
        var before = runs.get(input.runId());
        Decision<RunState> decision;
        if (input instanceof RunInput.Opened opened) {
            decision = flow.opened(before, opened.event(), now);
        } else if (input instanceof RunInput.Closed closed) {
            decision = flow.closed(before, closed.event(), now);
        } else if (input instanceof RunInput.Deleted deleted) {
            decision = flow.deleted(before, deleted.event(), now);
        } else {
            var news = (SampleNews) input;
            var key = Topics.sampleKey(news.runId(), news.sampleId());
            var mark = marks.get(key);
            var step = flow.sample(before, mark, news, now);
            if (!step.mark().equals(mark)) {
                marks.put(key, step.mark());
            }
            decision = step.run();
        }
        var after = decision.state();
        if (after != null && !after.equals(before)) {
            runs.put(input.runId(), after);
        }
        outbox.write(decision.effects(), record.headers(), now);
    }
}
