package dev.reelrank.bench;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.worker.DeviceGrowth;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the ranking stage: how long a sample takes, decoding included, or with {@code
 * --ghosting} how often it prefers the clean clip to the same clip with a ghost.
 */
@Command(
        name = "rank",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures speed and memory of ranking, or how it ranks ghosted clips.")
public final class RankBench implements Callable<Integer> {
    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--size",
            defaultValue = "1280x720",
            description = "Of the videos. Default: ${DEFAULT-VALUE}.")
    private String size = "1280x720";

    @Option(
            names = "--frames",
            defaultValue = "81",
            description = "Of a video. Default: ${DEFAULT-VALUE}.")
    private int frames = 81;

    @Option(names = "--candidates", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int candidates = 3;

    @Option(names = "--scored", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int scored = 16;

    @Option(
            names = "--mask-frames",
            defaultValue = "4",
            description =
                    "Segmented frames per video; 0 segments only the reference. Default: ${DEFAULT-VALUE}.")
    private int maskFrames = 4;

    @Option(
            names = "--repeat",
            defaultValue = "3",
            description =
                    "Runs after a warm-up run; the fastest counts. Default: ${DEFAULT-VALUE}.")
    private int repeat = 3;

    @Option(
            names = "--ghosting",
            paramLabel = "N",
            description = "Rank N rendered clips of the test split against ghosted copies instead.")
    private @Nullable Integer ghosting;

    @Option(
            names = "--from",
            paramLabel = "INDEX",
            defaultValue = "0",
            description =
                    "First clip of --ghosting, to divide the work. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--again",
            paramLabel = "FILE",
            split = ",",
            description = "Sum up earlier --json files of --ghosting that are parts of one run.")
    private List<Path> again = List.of();

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "Split for --ghosting: train, validation or test. Default: ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--videos",
            paramLabel = "DIR",
            description = "Keep the generated videos in this folder, for other measurements.")
    private @Nullable Path videos;

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        int cores = local.cores();
        Object figures;
        if (!again.isEmpty()) {
            var sum = Ghosting.again(FigureFile.earlier(again), RankSpeed.shipped().minSpread());
            System.out.println(sum.table());
            json.write(sum);
            return 0;
        }
        var on = local.device(RankingStage::gpuAvailable);
        try (var stage = new RankingStage(local.models(), FileFingerprints.ofUser(), on, cores)) {
            var growth = DeviceGrowth.since(on);
            long start = System.nanoTime();
            stage.load(stage.loadKey(RankSpeed.config(scored, maskFrames, 0.3)), on);
            double load = (System.nanoTime() - start) / 1e9;
            if (ghosting != null) {
                var result = new Ghosting(stage, RankSpeed.shipped()).run(split, from, ghosting);
                System.out.println(result.table());
                figures = result;
            } else {
                var shown = PictureSize.parse(size);
                var speed =
                        new RankSpeed(
                                stage, shown.width(), shown.height(), frames, candidates, videos);
                var result =
                        speed.run(scored, maskFrames, repeat, on.toString(), cores, load, growth);
                System.out.println(result.table());
                figures = result;
            }
        }
        json.write(figures);
        return 0;
    }
}
