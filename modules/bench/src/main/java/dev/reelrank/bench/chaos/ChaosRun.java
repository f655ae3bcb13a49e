package dev.reelrank.bench.chaos;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a farm busy with runs, injects one fault after the other, and checks the facts once every
 * sample has ended or the patience has.
 */
public final class ChaosRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);

    private static final int PRUNED_EVERY = 3;

    /** Runs until the kinds of samples begin again. */
    private static final int KINDS = 12;

    private static final Duration JOIN = Duration.ofMinutes(5);
    static final List<Long> SEEDS = List.of(1L, 2L);
    private static final String QUARANTINE = "5s";

    /** The sample that every process dies of that makes its first candidate. */
    static final String POISON = "poison";

    private final WaitingFarm farm;
    private final ResultStore store;
    private final Random random;
    private final Injector injector;
    private final Map<String, Expectation> expected = new LinkedHashMap<>();
    private final List<Incident> incidents = new ArrayList<>();
    private int runs;

    /**
     * What was found.
     *
     * @param byKind how often each kind of fault was injected
     * @param recoverySeconds by fault, the longest
     */
    public record Outcome(
            int faults,
            Map<String, Integer> byKind,
            int samples,
            int lost,
            int duplicates,
            int halfWritten,
            Map<String, Double> recoverySeconds,
            Ledger ledger) {}

    private final double pace;

    private ChaosRun(WaitingFarm farm, ResultStore store, long seed, double pace) {
        this.farm = farm;
        this.store = store;
        this.random = new Random(seed);
        this.pace = pace;
        this.injector = new Injector(farm, random, pace);
    }

    /**
     * Starts the farm: of each kind as many processes as said.
     *
     * @param seed of the choice of instants and targets
     * @param brokers 1, or a cluster of so many
     */
    public static ChaosRun start(Path folder, long seed, int brokers, int flows, int each)
            throws InterruptedException {
        return start(folder, seed, brokers, flows, each, 1);
    }

    /**
     * The same, faster.
     *
     * @param pace of work, of the time between two faults, and of what lasts a while: 0.5 takes
     *     half as long
     */
    static ChaosRun start(Path folder, long seed, int brokers, int flows, int each, double pace)
            throws InterruptedException {
        var farm = brokers == 1 ? WaitingFarm.start(folder) : WaitingFarm.start(folder, brokers);
        var store = Stores.open(farm.store().toString());
        for (int i = 0; i < flows; i++) {
            farm.flow(
                    "flow-" + i,
                    "--reemit-after",
                    "3s",
                    "--look-every",
                    "500ms",
                    "--quarantine-after",
                    QUARANTINE);
        }
        worker(farm, StageName.PROMPT, 0.05 * pace, each);
        worker(farm, StageName.CANDIDATE, 0.4 * pace, each + 1);
        worker(farm, StageName.RANKING, 0.15 * pace, each);
        worker(farm, StageName.GRADE, 0.1 * pace, each);
        farm.awaitMembers(StageName.CANDIDATE, each + 1, JOIN);
        farm.awaitMembers(StageName.GRADE, each, JOIN);
        return new ChaosRun(farm, store, seed, pace);
    }

    private static void worker(WaitingFarm farm, StageName stage, double seconds, int count) {
        for (int i = 0; i < count; i++) {
            farm.worker(
                    stage.id() + "-" + i,
                    stage,
                    new Pace(0.1, seconds, 0.2, 1, 1),
                    Restart.AT_ONCE,
                    "--give-up",
                    "20s",
                    "--quarantine-after",
                    QUARANTINE);
        }
    }

    public WaitingFarm farm() {
        return farm;
    }

    public ResultStore store() {
        return store;
    }

    /** Does the faults in this order, each at a random instant while there is work. */
    public void inject(List<Fault> faults) throws IOException, InterruptedException {
        for (var fault : faults) {
            submitSome();
            Thread.sleep((long) ((300 + random.nextInt(900)) * pace));
            var at = Instant.now();
            var target = injector.inject(fault);
            LOG.info("{} of {}", fault.id(), target);
            incidents.add(new Incident(fault, target, at, Instant.now()));
        }
    }

    /**
     * Sends a run of three samples: a plain one that every run has, so that its results are found
     * in the store; one of its own; and now and then one with a fault of its own. Every other run
     * is sent twice; of every third one only the best candidates are finished.
     */
    private void submitSome() {
        var prompts = new LinkedHashMap<String, String>();
        var expectations = new LinkedHashMap<String, Expectation>();
        prompts.put("same", "the same in every run");
        expectations.put("same", Expectation.DONE);
        prompts.put("own", "of run " + runs);
        expectations.put("own", Expectation.DONE);
        switch (runs % KINDS) {
            case 1 -> {
                prompts.put("unreadable", "run " + runs + " [user:prompt]");
                expectations.put("unreadable", Expectation.failed(FailureCode.INVALID_SAMPLE));
            }
            case 3 -> {
                prompts.put("half", "run " + runs + " [broken-seed:2]");
                expectations.put("half", Expectation.PARTIAL);
            }
            case 5 -> {
                prompts.put(POISON, "run " + runs + " [halt-seed:1]");
                expectations.put(POISON, Expectation.PARTIAL);
            }
            default -> {
                prompts.put("another", "another of run " + runs);
                expectations.put("another", Expectation.DONE);
            }
        }
        submit(prompts, expectations, runs % 2 == 0 ? 2 : 1);
        runs++;
    }

    /**
     * Sends a run.
     *
     * @param times how often the same run is sent
     * @return its id
     */
    public String submit(
            Map<String, String> prompts, Map<String, Expectation> expectations, int times) {
        var whole = PromptedRun.of(prompts, SEEDS);
        // Shifted by one in each dozen, so that every kind of sample meets both kinds of run.
        boolean pruned = (runs + runs / KINDS) % PRUNED_EVERY == 2;
        return submit(pruned ? whole.pruned() : whole, expectations, times);
    }

    /** The same of a run as it is. */
    String submit(PromptedRun submission, Map<String, Expectation> expectations, int times) {
        expectations.forEach((id, e) -> expected.put(submission.runId() + "/" + id, e));
        for (int i = 0; i < times; i++) {
            submission.submit(farm.publisher(), store);
        }
        return submission.runId();
    }

    /** Waits until the ledger is clean, at most so long, and answers it. */
    public Outcome settle(Duration patience) throws InterruptedException {
        var until = System.nanoTime() + patience.toNanos();
        Ledger ledger;
        do {
            Thread.sleep(500);
            ledger = Ledger.of(farm.connection(), store, expected, injector.tampered());
        } while (ledger.unfinished() > 0 && System.nanoTime() < until);
        var byKind = new TreeMap<String, Integer>();
        incidents.forEach(i -> byKind.merge(i.fault().id(), 1, Integer::sum));
        return new Outcome(
                incidents.size(),
                byKind,
                expected.size(),
                ledger.lost().size(),
                ledger.duplicates().size(),
                ledger.halfWritten().size(),
                new Recoveries(reports()).longest(incidents),
                ledger);
    }

    private List<WorkReport> reports() {
        var topics =
                farm.connection().stages().ofSample().stream()
                        .map(farm.connection().topics()::results)
                        .toList();
        var reports = new ArrayList<WorkReport>();
        try (var reader =
                new EventReader(farm.connection(), new EventCodec(), topics).passOverNewer()) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof WorkReport report) {
                            reports.add(report);
                        }
                    });
        }
        reports.sort(Comparator.comparing(WorkReport::at));
        return reports;
    }

    @Override
    public void close() {
        store.close();
        farm.close();
    }
}
