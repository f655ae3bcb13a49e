package dev.reelrank.cli;

import dev.reelrank.bus.StoredEvent;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.TuneResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the facts say over time. */
@Command(name = "report", mixinStandardHelpOptions = true, description = "Reports over many runs.")
final class ReportCommand {
    @Command(
            name = "trends",
            mixinStandardHelpOptions = true,
            description =
                    "Shows grades and evidence over time and per run, and trainings of the preference model, as a table, JSON or image.")
    int trends(
            @Mixin FarmOptions farm,
            @Option(names = "--run", paramLabel = "ID", description = "Only this run.")
                    @Nullable String run,
            @Option(names = "--plot", paramLabel = "FILE.png", description = "Also plot.")
                    @Nullable Path plot,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var grades = new ArrayList<StageFact>();
            var tunings = new ArrayList<StageFact>();
            var standards = new ArrayList<QualityStandards>();
            var topics = session.topics();
            try (var reader =
                    session.reader(
                            List.of(
                                    topics.facts(StageName.GRADE),
                                    topics.facts(StageName.TUNE),
                                    topics.qualityStandards()))) {
                reader.readToEnd(
                        (StoredEvent stored) -> {
                            if (stored.event() instanceof StageFact fact
                                    && fact.result() instanceof GradeResult) {
                                if (run == null || run.equals(fact.work().runId())) {
                                    grades.add(fact);
                                }
                            } else if (stored.event() instanceof StageFact fact
                                    && fact.result() instanceof TuneResult) {
                                tunings.add(fact);
                            } else if (stored.event() instanceof QualityStandards latest) {
                                standards.add(latest);
                            }
                        });
            }
            grades.sort(java.util.Comparator.comparing(StageFact::at));
            tunings.sort(java.util.Comparator.comparing(StageFact::at));
            var trends = new Trends(grades, tunings);
            if (json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("runs", trends.runs());
                document.put("trainings", trends.trainings());
                document.put(
                        "standards",
                        standards.isEmpty() ? null : standards.get(standards.size() - 1));
                Json.print(document);
            } else {
                System.out.print(trends.table());
                if (!standards.isEmpty()) {
                    System.out.print(Trends.describe(standards.get(standards.size() - 1)));
                }
            }
            if (plot != null) {
                TrendPlot.write(plot, trends);
                System.err.println("Plotted to " + plot);
            }
            return ExitCode.OK;
        }
    }
}
