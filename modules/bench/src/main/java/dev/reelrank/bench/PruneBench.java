package dev.reelrank.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.PrintedFigures;
import dev.reelrank.bench.prune.Plan;
import dev.reelrank.bench.prune.PruneRun;
import dev.reelrank.bench.prune.PruneTable;
import dev.reelrank.bench.prune.SceneFigures;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures pruned plans beside whole ones on the testbed's held-out scenes. */
@Command(
        name = "prune",
        description = {
            "Measures what is lost and saved when only the best candidates are finished.",
            "Every candidate is finished once; each plan is told which of them it would have had."
        },
        mixinStandardHelpOptions = true)
public final class PruneBench implements Callable<Integer> {
    private static final List<Long> ALL = List.of(1337L, 2024L, 7777L, 11L, 22L, 33L);
    private static final int REFERENCE = 3;

    @Option(
            names = "--models",
            description = "Folder of the models. Default: models/testbed of the installation.")
    private @Nullable Path models;

    @Option(names = "--from", defaultValue = "0", description = "The first held-out scene.")
    private int from;

    @Option(names = "--scenes", defaultValue = "128", description = "Default: ${DEFAULT-VALUE}.")
    private int scenes = 128;

    @Option(
            names = "--after",
            split = ",",
            defaultValue = "1,2,3,4",
            description = "Steps to compare after. Default: ${DEFAULT-VALUE}.")
    private List<Integer> after = List.of(1, 2, 3, 4);

    @Option(
            names = "--keep",
            split = ",",
            defaultValue = "1,2,3",
            description = "How many to finish. Default: ${DEFAULT-VALUE}.")
    private List<Integer> keep = List.of(1, 2, 3);

    @Option(
            names = "--steps",
            defaultValue = "8",
            description = "Of a finished candidate. Default: ${DEFAULT-VALUE}.")
    private int steps = 8;

    @Option(names = "--device", defaultValue = "cpu", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", description = "CPU threads. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--merge",
            split = ",",
            description =
                    "Measure nothing: put the files of several calls with --out together. Give the"
                            + " same --after, --keep and --steps.")
    private List<Path> merge = List.of();

    @Option(
            names = "--workers",
            defaultValue = "1",
            description =
                    "Processes that measure side by side, with one thread each if there are several;"
                            + " needs --out, beside which each keeps its scenes. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int workers = 1;

    @Option(
            names = "--part",
            paramLabel = "K/N",
            description = "Only every Nth scene from the Kth on (0/N to N-1/N).")
    private @Nullable String part;

    @Option(
            names = "--go-on",
            description =
                    "Measure only the scenes that the file of --out does not have. It is written after"
                            + " each scene.")
    private boolean goOn;

    @Spec private @Nullable CommandSpec command;

    @Mixin private final PrintedFigures printed = new PrintedFigures();

    @Override
    public Integer call() throws IOException {
        for (int k : after) {
            if (k < 1 || k >= steps) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "--after is %s; each must be from 1 to %d, below --steps"
                                .formatted(after, steps - 1));
            }
        }
        if (workers < 1 || (printed.out() == null && (goOn || workers > 1))) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--workers is at least 1, and --workers and --go-on need --out");
        }
        List<Plan> plans = plans();
        printed.show(table(figures(plans), plans), PruneBench::print);
        return 0;
    }

    private ObjectNode table(List<SceneFigures> figures, List<Plan> plans) throws IOException {
        ObjectNode table =
                PruneTable.of(figures, plans, new Plan(REFERENCE, steps, REFERENCE), steps);
        table.put("models", "testbed; the published weights were not run");
        table.put("hardware", Hardware.of(device, threads));
        table.put("commit", Hardware.commit());
        table.put("date", Instant.now().toString());
        table.set("perScene", new ObjectMapper().valueToTree(figures));
        return table;
    }

    private List<SceneFigures> figures(List<Plan> plans) throws IOException {
        if (!merge.isEmpty()) {
            return read(merge);
        }
        return workers > 1 && part == null ? byProcesses() : measured(plans);
    }

    /** Each process keeps its scenes in a file of its own beside that of all. */
    private List<SceneFigures> byProcesses() throws IOException {
        Path out = Objects.requireNonNull(printed.out());
        var files =
                IntStream.range(0, workers)
                        .mapToObj(k -> out.resolveSibling(out.getFileName() + ".part-" + k))
                        .toList();
        var words = new ArrayList<String>();
        var given =
                Objects.requireNonNull(command)
                        .root()
                        .commandLine()
                        .getParseResult()
                        .originalArgs();
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i).equals("--out")) {
                i++;
            } else if (!given.get(i).equals("--json") && !given.get(i).startsWith("--out=")) {
                words.add(given.get(i));
            }
        }
        PartProcesses.run(
                words, workers, List.of(device), k -> List.of("--out", files.get(k).toString()));
        var all = new ArrayList<>(read(files));
        all.sort(Comparator.comparingLong(SceneFigures::scene));
        for (Path file : files) {
            Files.delete(file);
        }
        return all;
    }

    private List<Plan> plans() {
        var plans = new ArrayList<Plan>();
        for (int seeds : List.of(1, REFERENCE, ALL.size())) {
            plans.add(new Plan(seeds, steps, seeds));
            for (int k : after) {
                for (int m : keep) {
                    if (m < seeds) {
                        plans.add(new Plan(seeds, k, m));
                    }
                }
            }
        }
        return plans;
    }

    private List<SceneFigures> measured(List<Plan> plans) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-prune");
        Path out = printed.out();
        var known = new TreeMap<Long, SceneFigures>();
        if (goOn && out != null && Files.exists(out)) {
            read(List.of(out)).forEach(scene -> known.put(scene.scene(), scene));
        }
        var wanted = (part == null ? Part.WHOLE : Part.parse(part)).indices(scenes);
        var figures = new ArrayList<SceneFigures>();
        try (var run =
                new PruneRun(
                        ModelFolders.rootOrShipped(models),
                        folder,
                        ALL,
                        plans,
                        steps,
                        Device.parse(device),
                        threads)) {
            for (int i : wanted) {
                SceneFigures before = known.get(Split.TEST.seed(from + i));
                figures.add(before == null ? run.measure(from + i) : before);
                System.err.printf("scene %d of %d%n", figures.size(), wanted.size());
                // A call that is killed loses one scene.
                printed.keep(table(figures, plans));
            }
        } finally {
            TestbedBench.remove(folder);
        }
        return figures;
    }

    private static List<SceneFigures> read(List<Path> files) throws IOException {
        var mapper = new ObjectMapper();
        var all = new ArrayList<SceneFigures>();
        for (Path file : files) {
            all.addAll(
                    mapper.convertValue(
                            mapper.readTree(file.toFile()).get("perScene"),
                            new TypeReference<List<SceneFigures>>() {}));
        }
        return all;
    }

    private static void print(ObjectNode table) {
        System.out.printf(
                "%d scenes; a step %.2f s, a preview %.1f %% of it%n",
                table.get("scenes").asInt(),
                table.get("stepSeconds").asDouble(),
                100 * table.get("previewShareOfStep").asDouble());
        System.out.println("seeds after keep  steps  quality  ghosts  difference from best of 3");
        for (var row : table.get("plans")) {
            System.out.printf(
                    "%5d %5d %4d  %5d  %7.4f  %5.1f %%  %+.4f (%+.4f to %+.4f)%n",
                    row.get("seeds").asInt(),
                    row.get("after").asInt(),
                    row.get("keep").asInt(),
                    row.get("stepsSpent").asInt(),
                    row.get("quality").asDouble(),
                    100 * row.get("ghostRate").asDouble(),
                    row.get("difference").asDouble(),
                    row.get("differenceLow95").asDouble(),
                    row.get("differenceHigh95").asDouble());
        }
        table.get("missed").forEach(m -> System.out.println("missed: " + m.asText()));
    }
}
