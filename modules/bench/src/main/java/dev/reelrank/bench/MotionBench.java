package dev.reelrank.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.testbed.MotionTerm;
import dev.reelrank.bench.testbed.MotionTerm.Case;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reelrank bench motion}. */
@Command(
        name = "motion",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures whether the ranking's motion term makes winners truly better.")
public final class MotionBench implements Callable<Integer> {
    @Option(
            names = "--models",
            description = "Folder of the models. Default: models/testbed of the installation.")
    private @Nullable Path models;

    @Option(
            names = "--split",
            defaultValue = "validation",
            description = "Whose scenes: train, validation or test. Default: ${DEFAULT-VALUE}.")
    private String split = "validation";

    @Option(names = "--scenes", defaultValue = "60", description = "Default: ${DEFAULT-VALUE}.")
    private int scenes = 60;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1337,2024,7777",
            description = "Of the generated candidates. Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = List.of(1337L, 2024L, 7777L);

    @Option(
            names = "--steps",
            defaultValue = "4",
            description = "Of the generated candidates. Default: ${DEFAULT-VALUE}.")
    private int steps = 4;

    @Mixin private final SharedScenes shared = new SharedScenes();

    @Option(names = "--device", defaultValue = "cpu", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", description = "CPU threads. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        List<Case> cases = cases();
        var rows = MotionTerm.rows(cases, RankingConfig.defaults().minSpread());
        var figures =
                new MotionTerm.Figures(
                        "reelrank bench motion --split %s --scenes %d --seeds %s --steps %d"
                                .formatted(
                                        split,
                                        cases.size() / 2,
                                        seeds.toString().replaceAll("[^0-9,]", ""),
                                        steps),
                        Hardware.commit(),
                        Hardware.of(device, threads),
                        split,
                        rows,
                        MotionTerm.missed(rows),
                        cases);
        System.out.print(figures.text());
        json.write(figures);
        return 0;
    }

    /** In the order of the scenes. */
    private List<Case> cases() throws IOException {
        Path folder = Files.createTempDirectory("reelrank-motion");
        try {
            List<Path> files = shared.files(folder);
            if (files.isEmpty()) {
                return new MotionTerm(
                                Split.parse(split),
                                ModelFolders.rootOrShipped(models),
                                Device.parse(device),
                                threads)
                        .cases(
                                shared.part().indices(scenes),
                                seeds,
                                steps,
                                folder,
                                System.err::println);
            }
            var cases = new ArrayList<Case>();
            for (Path file : files) {
                cases.addAll(read(file));
            }
            cases.sort(Comparator.comparingInt(Case::scene));
            return cases;
        } finally {
            TestbedBench.remove(folder);
        }
    }

    private static List<Case> read(Path file) throws IOException {
        var mapper = new ObjectMapper();
        return mapper.convertValue(
                mapper.readTree(file.toFile()).get("cases"), new TypeReference<List<Case>>() {});
    }
}
