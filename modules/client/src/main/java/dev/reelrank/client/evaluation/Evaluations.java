package dev.reelrank.client.evaluation;

import dev.reelrank.bus.EventReader;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.ChildState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.EvaluateResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Asks for evaluations and waits for them. What was evaluated before, with the same models, is
 * there at once.
 */
public final class Evaluations {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SUPERVISION = Duration.ofSeconds(2);

    private final Session session;
    private final String models;

    /**
     * @param models what the models are known by here, for example their fingerprint; evaluations
     *     asked for under another name are others
     */
    public Evaluations(Session session, String models) {
        this.session = session;
        this.models = models;
    }

    /**
     * Evaluates.
     *
     * @param progress told how many of how many have ended
     * @return an answer for each, in their order
     * @throws StageException INVALID_CONFIG when no evaluator is left
     */
    public Map<EvaluationItem, EvaluationAnswer> all(
            Collection<EvaluationItem> items, BiConsumer<Integer, Integer> progress) {
        var wanted = new LinkedHashMap<String, EvaluationItem>();
        for (EvaluationItem item : items) {
            wanted.put(asked(item, 0).work().workId(), item);
        }
        var answers = new HashMap<String, EvaluationAnswer>();
        var failed = new HashMap<String, Integer>();
        var topics = session.topics();
        try (EventReader reader =
                session.reader(
                        List.of(
                                topics.facts(StageName.EVALUATE),
                                topics.dead(StageName.EVALUATE)))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof DeadLetter letter && letter.work() != null) {
                            failed.merge(letter.work().workId(), letter.work().epoch(), Math::max);
                        } else {
                            take(stored.event(), wanted, answers);
                        }
                    });
            ask(wanted, answers, failed);
            progress.accept(answers.size(), wanted.size());
            long looked = System.nanoTime();
            while (answers.size() < wanted.size()) {
                int before = answers.size();
                for (var stored : reader.poll(STEP)) {
                    take(stored.event(), wanted, answers);
                }
                if (answers.size() > before) {
                    progress.accept(answers.size(), wanted.size());
                }
                if (System.nanoTime() - looked > SUPERVISION.toNanos()) {
                    requireEvaluator();
                    looked = System.nanoTime();
                }
            }
        }
        var all = new LinkedHashMap<EvaluationItem, EvaluationAnswer>();
        wanted.forEach((id, item) -> all.put(item, Objects.requireNonNull(answers.get(id))));
        return all;
    }

    private WorkRequested asked(EvaluationItem item, int epoch) {
        return WorkRequested.evaluation(
                item.runId(),
                item.sampleId(),
                item.request(),
                models,
                epoch,
                String.valueOf(System.getProperty("user.name")),
                Instant.now());
    }

    /** What failed before is asked for anew, in a higher epoch. */
    private void ask(
            Map<String, EvaluationItem> wanted,
            Map<String, EvaluationAnswer> answers,
            Map<String, Integer> failed) {
        var requests = new ArrayList<Event>();
        wanted.forEach(
                (id, item) -> {
                    if (!answers.containsKey(id)) {
                        requests.add(asked(item, failed.getOrDefault(id, -1) + 1));
                    }
                });
        if (!requests.isEmpty()) {
            session.work();
            session.publisher().publish(requests);
        }
    }

    private static void take(
            Event event,
            Map<String, EvaluationItem> wanted,
            Map<String, EvaluationAnswer> answers) {
        if (event instanceof StageFact fact
                && wanted.containsKey(fact.work().workId())
                && fact.result() instanceof EvaluateResult result) {
            answers.put(
                    fact.work().workId(), new EvaluationAnswer(result, fact.computation(), null));
        } else if (event instanceof DeadLetter letter
                && letter.work() != null
                && wanted.containsKey(letter.work().workId())) {
            answers.putIfAbsent(
                    letter.work().workId(),
                    new EvaluationAnswer(
                            null, null, letter.message() + " (" + letter.code() + ")"));
        }
    }

    /** An evaluator that is not restarted any more: nobody would do the work. */
    private void requireEvaluator() {
        for (ChildState child : session.farm().children()) {
            if (child.gaveUp() != null
                    && (child.name().startsWith("evaluate-") || child.name().equals("flow"))) {
                throw new StageException(FailureCode.INVALID_CONFIG, child.gaveUp());
            }
        }
    }
}
