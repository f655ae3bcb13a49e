package dev.reelrank.bench;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the grade stage: the time and memory of a chunk of videos, which evidence notices which
 * corruption of rendered clips, or the ranges that turn raw measures into scores.
 */
@Command(
        name = "grade",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures speed and memory of grading, or which corruptions it detects.")
public final class GradeBench implements Callable<Integer> {
    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--noticing",
            paramLabel = "N",
            description =
                    "Corrupts N rendered clips in every way and reports which evidence drops.")
    private @Nullable Integer noticing;

    @Option(
            names = "--meant",
            description =
                    "With --noticing: compute for each corruption only the evidence that should"
                            + " detect it; takes half the time.")
    private boolean meant;

    @Option(
            names = "--fit-ranges",
            paramLabel = "N",
            description =
                    "Does the same on N clips and prints the range of each raw measure as YAML.")
    private @Nullable Integer fitRanges;

    @Option(
            names = "--again",
            paramLabel = "FILE",
            split = ",",
            description =
                    "Evaluates the clips of earlier --json files of --noticing again, with the"
                            + " current ranges, or fits ranges to them; several files"
                            + " are parts of one run.")
    private List<Path> again = List.of();

    @Option(
            names = "--split",
            description =
                    "train, validation or test. Default: test; train for --fit-ranges, so that no"
                            + " range is fitted on the evaluated clips.")
    private @Nullable String split;

    @Option(
            names = "--from",
            paramLabel = "INDEX",
            defaultValue = "0",
            description = "First scene of the split. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--minutes",
            defaultValue = "30",
            description = "Time limit; the current round still ends. Default: ${DEFAULT-VALUE}.")
    private int minutes = 30;

    @Option(
            names = "--size",
            defaultValue = "128x128",
            description =
                    "Size of the timed videos; 1280x720 for published models. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String size = "128x128";

    @Option(names = "--frames", defaultValue = "17", description = "Default: ${DEFAULT-VALUE}.")
    private int frames = 17;

    @Option(
            names = "--videos",
            defaultValue = "9",
            description = "Videos in the timed chunk. Default: ${DEFAULT-VALUE}.")
    private int videos = 9;

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        int cores = local.cores();
        Object figures;
        if (!again.isEmpty()) {
            var judgement = NoticingTable.again(again);
            if (fitRanges != null) {
                var ranges = RangeFit.of(judgement.cases());
                System.out.print(ranges.yaml());
                json.write(ranges);
                return 0;
            }
            System.out.print(judgement.text());
            json.write(judgement);
            return 0;
        }
        try (var stage =
                new GradeStage(
                        local.models(),
                        FileFingerprints.ofUser(),
                        local.device(TorchRuntime::cudaAvailable))) {
            if (fitRanges != null) {
                var cases =
                        new Noticing(stage, cores, Noticing.Look.BENCHMARK)
                                .run(split("train"), from, fitRanges, Duration.ofMinutes(minutes));
                var ranges = RangeFit.of(cases);
                System.out.print(ranges.yaml());
                figures = ranges;
            } else if (noticing != null) {
                var cases =
                        new Noticing(stage, cores, meant ? Noticing.Look.MEANT : Noticing.Look.ALL)
                                .run(split("test"), from, noticing, Duration.ofMinutes(minutes));
                var judgement = NoticingTable.of(split("test"), cases);
                System.out.print(judgement.text());
                figures = judgement;
            } else {
                var shown = PictureSize.parse(size);
                var speed =
                        new GradeSpeed(stage, cores)
                                .run(shown.width(), shown.height(), frames, videos);
                System.out.print(speed.text());
                figures = speed;
            }
        }
        json.write(figures);
        return 0;
    }

    private Split split(String otherwise) {
        return Split.parse(split == null ? otherwise : split);
    }
}
