package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.HeldOut;
import dev.reelrank.alignment.pairs.PairCheck;
import dev.reelrank.alignment.pairs.PairFile;
import dev.reelrank.alignment.pairs.PairSelection;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.worker.store.Stores;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws preference pairs and checks files of them. */
@Command(
        name = "pairs",
        mixinStandardHelpOptions = true,
        description =
                "Draws preference pairs from the candidates of runs, for 'reelrank align'. Says how many there are, and why others were skipped.")
final class PairsCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Mixin PairSources sources = new PairSources();

    @Option(names = "--out", paramLabel = "FILE", description = "File for the pairs, JSON Lines.")
    @Nullable Path out;

    @Override
    public Integer call() {
        if (out == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--out is missing: name a file for the pairs");
        }
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            PairSelection selection = sources.draw(session, models);
            PairFile.write(out, selection.pairs());
            tell(selection);
            System.err.println("Written to " + out);
            return selection.pairs().isEmpty() ? ExitCode.SAMPLE_FAILED : ExitCode.OK;
        }
    }

    /** How many pairs there are, and why others were skipped. */
    static void tell(PairSelection selection) {
        System.err.printf(
                "%d pairs from %d samples%n", selection.pairs().size(), selection.samples());
        selection.skipped().forEach((why, count) -> System.err.printf("  %6d  %s%n", count, why));
    }

    @Command(
            name = "validate",
            mixinStandardHelpOptions = true,
            description =
                    "Checks a file of pairs: missing or unreadable videos, sides of different sizes, values that are not finite, a winner that equals its loser, duplicates, contradictions and samples on both sides of the held-out split.")
    int validate(
            @Mixin FarmOptions where,
            @Parameters(paramLabel = "FILE", description = "The pairs, JSON Lines.") Path file,
            @Option(
                            names = "--held-out",
                            paramLabel = "FILE",
                            description = "Pairs on which a training on FILE will be evaluated.")
                    @Nullable Path heldOut,
            @Option(names = "--json", description = "Print the problems as a JSON document.")
                    boolean json) {
        try (var store = Stores.open(where.storeUri(where.dataFolder()))) {
            List<VideoPair> pairs = PairFile.read(file);
            var check = new PairCheck(store::holds, new PairInspector(store));
            var problems = check.check(pairs, heldOut == null ? List.of() : PairFile.read(heldOut));
            if (json) {
                Json.print(problems);
            } else {
                problems.forEach(System.out::println);
                System.err.printf(
                        "%d pairs of %d samples, %d problems%n",
                        pairs.size(),
                        pairs.stream().map(VideoPair::sampleId).distinct().count(),
                        problems.size());
            }
            if (pairs.isEmpty()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        file + " holds no pair: draw some with 'reelrank pairs'");
            }
            if (problems.isEmpty() && heldOut == null) {
                // As a training with its defaults would split them.
                HeldOut.split(
                        pairs, AlignConfig.defaults().heldOut(), AlignConfig.defaults().seed());
            }
            return problems.isEmpty() ? ExitCode.OK : ExitCode.SAMPLE_FAILED;
        }
    }
}
