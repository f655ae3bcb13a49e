package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How far runs are. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Lists all runs, or the samples of one run.")
final class StatusCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--run", paramLabel = "ID", description = "List the samples of this run.")
    @Nullable String runId;

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    @Override
    public Integer call() {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            if (runId != null) {
                RunView view = RunReading.one(session, runId);
                if (json) {
                    Json.print(
                            view.samples().values().stream()
                                    .flatMap(s -> s.update().stream())
                                    .toList());
                } else {
                    System.out.print(RunTable.of(view, Path.of("outputs", runId)));
                    String cost = RunCost.of(view.samples().values()).text();
                    if (!cost.isEmpty()) {
                        System.out.println(cost);
                    }
                    view.samples().values().stream()
                            .flatMap(s -> s.update().stream())
                            .forEach(StatusCommand::explain);
                }
                return ExitCode.OK;
            }
            List<RunUpdated> runs = RunReading.all(session);
            if (json) {
                Json.print(runs);
            } else if (runs.isEmpty()) {
                System.out.println("There is no run yet. Start one with: reelrank run");
            } else {
                System.out.println(
                        AsciiTable.builder()
                                .border(AsciiTable.NO_BORDERS)
                                .data(
                                        runs,
                                        List.of(
                                                left("run", RunUpdated::runId),
                                                left(
                                                        "status",
                                                        r ->
                                                                r.status()
                                                                        .name()
                                                                        .toLowerCase(Locale.ROOT)),
                                                left(
                                                        "samples",
                                                        r -> Integer.toString(r.expected())),
                                                left("done", r -> Integer.toString(r.done())),
                                                left("partial", r -> Integer.toString(r.partial())),
                                                left("failed", r -> Integer.toString(r.failed())),
                                                left(
                                                        "from",
                                                        r ->
                                                                r.inheritedFrom() == null
                                                                        ? ""
                                                                        : r.inheritedFrom()),
                                                left("opened", r -> r.openedAt().toString())))
                                .asString());
            }
            return ExitCode.OK;
        }
    }

    private static void explain(SampleUpdated sample) {
        sample.failures()
                .forEach(
                        f ->
                                System.out.printf(
                                        "%s, %s%s: %s (%s)%n",
                                        sample.sampleId(),
                                        f.stage().id(),
                                        f.seed() == null ? "" : " seed " + f.seed(),
                                        f.message(),
                                        f.code()));
    }

    private static com.github.freva.asciitable.ColumnData<RunUpdated> left(
            String title, java.util.function.Function<RunUpdated, String> value) {
        return Columns.left(title, 200, value);
    }
}
