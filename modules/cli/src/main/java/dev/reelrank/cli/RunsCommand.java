package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.client.run.Intent;
import dev.reelrank.client.run.Intents;
import dev.reelrank.client.run.Intents.Unfinished;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} commands of this data folder began and did not finish. */
@Command(
        name = "runs",
        mixinStandardHelpOptions = true,
        description =
                "Lists the run commands of this machine that are not finished, and gives runs up.")
final class RunsCommand {
    /**
     * @param state {@code running}, {@code interrupted} or {@code unreadable}
     */
    record Row(
            String runId,
            String state,
            @Nullable String dataset,
            int samples,
            @Nullable String out) {
        static Row of(Unfinished one) {
            Intent intent = one.intent();
            return intent == null
                    ? new Row(one.runId(), one.living() ? "running" : "unreadable", null, 0, null)
                    : new Row(
                            one.runId(),
                            "interrupted",
                            intent.dataset(),
                            intent.sampleIds().size(),
                            intent.out());
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "The run commands that are not finished: running, or interrupted. All runs of a farm: reelrank status.")
    int list(
            @Mixin FarmOptions farm,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        List<Row> rows = intents(farm).unfinished().stream().map(Row::of).toList();
        if (json) {
            Json.print(rows);
        } else if (rows.isEmpty()) {
            System.out.println("No run of this data folder is unfinished.");
        } else {
            System.out.println(
                    AsciiTable.builder()
                            .border(AsciiTable.NO_BORDERS)
                            .data(
                                    rows,
                                    List.of(
                                            left("run", Row::runId),
                                            left("state", Row::state),
                                            left(
                                                    "samples",
                                                    r ->
                                                            r.dataset() == null
                                                                    ? ""
                                                                    : Integer.toString(
                                                                            r.samples())),
                                            left(
                                                    "dataset",
                                                    r -> r.dataset() == null ? "" : r.dataset()),
                                            left("results", r -> r.out() == null ? "" : r.out())))
                            .asString());
        }
        return ExitCode.OK;
    }

    @Command(
            name = "abandon",
            mixinStandardHelpOptions = true,
            description = {
                "Gives an interrupted run up: no command goes on with it.",
                "What was already sent is still computed while a farm runs; reelrank collect writes what there is."
            })
    int abandon(@Mixin FarmOptions farm, @Parameters(paramLabel = "RUN") String run) {
        int given = intents(farm).abandon(run);
        if (given == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no unfinished run %s here; reelrank runs list names them".formatted(run));
        }
        System.err.println("Run " + run + " is given up.");
        return ExitCode.OK;
    }

    private static Intents intents(FarmOptions farm) {
        return new Intents(farm.dataFolder().runs());
    }

    private static com.github.freva.asciitable.ColumnData<Row> left(
            String title, Function<Row, String> value) {
        return Columns.left(title, 200, value);
    }
}
