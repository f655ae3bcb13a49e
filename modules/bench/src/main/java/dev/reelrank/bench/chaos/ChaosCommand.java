package dev.reelrank.bench.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reelrank.bench.process.BenchFolder;
import dev.reelrank.bus.cluster.BrokerCluster;
import dev.reelrank.pipeline.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench chaos}: whether anything is lost when processes die. */
@Command(
        name = "chaos",
        description = {
            "Injects faults into a farm of real processes and checks the results.",
            "Exit code 0 if no sample was lost and no fact is duplicated, otherwise 70."
        },
        mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
    @Option(
            names = "--faults",
            paramLabel = "N",
            defaultValue = "40",
            description =
                    "Number of faults (${DEFAULT-VALUE}); every kind occurs once before any kind repeats.")
    private int faults = 40;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the random instants and targets.")
    private long seed = 1;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "180",
            description = "Time for the samples to end after the last fault.")
    private long patience = 180;

    @Option(
            names = "--each",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "Number of flow processes, and of workers per stage; candidates get one more.")
    private int each = 2;

    @Option(
            names = "--brokers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Number of brokers (${DEFAULT-VALUE}). With 3, everything has three replicas, and brokers are killed, paused and cut off too.")
    private int brokers = 1;

    @Option(
            names = "--hostile",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Acts per second of a hostile client beside the faults (${DEFAULT-VALUE}: none).")
    private int hostile;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    private int acts;
    private boolean canCut;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var folder = BenchFolder.temporary("chaos");
                var run = ChaosRun.start(folder.path(), seed, brokers, each, each);
                var client = HostileThread.start(run.farm(), run.store(), hostile, seed)) {
            canCut = run.farm().cluster().map(BrokerCluster::canCut).orElse(false);
            run.inject(plan());
            client.close();
            acts = client.acts();
            var outcome = run.settle(Duration.ofSeconds(patience));
            print(outcome);
            if (outcome.ledger().clean()) {
                folder.done();
                return ExitCode.OK;
            }
            Objects.requireNonNull(spec)
                    .commandLine()
                    .getErr()
                    .println("logs and data are in " + folder.path());
            return ExitCode.INTERNAL;
        }
    }

    /** Every kind once in a random order, then again in another. */
    private List<Fault> plan() {
        var random = new Random(seed);
        var plan = new ArrayList<Fault>();
        while (plan.size() < faults) {
            var kinds = new ArrayList<>(Fault.kinds(brokers, canCut));
            Collections.shuffle(kinds, random);
            plan.addAll(kinds);
        }
        return plan.subList(0, faults);
    }

    private void print(ChaosRun.Outcome outcome) throws IOException {
        var writer = Objects.requireNonNull(spec).commandLine().getOut();
        var out = new LinkedHashMap<String, Object>();
        out.put("faults", outcome.faults());
        out.put("hostileActs", acts);
        out.put("brokers", brokers);
        if (brokers > 1) {
            out.put("cutOffByNamespaces", canCut);
        }
        out.put("byKind", outcome.byKind());
        out.put("samples", outcome.samples());
        out.put("lost", outcome.lost());
        out.put("duplicates", outcome.duplicates());
        out.put("halfWritten", outcome.halfWritten());
        out.put("recoverySeconds", outcome.recoverySeconds());
        out.put("lostSamples", outcome.ledger().lost());
        out.put("duplicateFacts", outcome.ledger().duplicates());
        if (json) {
            writer.println(
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(out));
        } else {
            out.forEach((key, value) -> writer.println(key + ": " + value));
        }
        writer.flush();
    }
}
