package dev.reelrank.bench.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bench.SharedScenes;
import dev.reelrank.bench.TestbedBench;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.pipeline.Device;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reelrank bench evaluate}. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures how long an evaluation takes, or which corruptions metrics see.")
public final class EvaluateBench implements Callable<Integer> {
    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--noticing",
            paramLabel = "N",
            description =
                    "Corrupts N rendered clips in every way and reports which metrics get worse.")
    private @Nullable Integer noticing;

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "Whose scenes --noticing corrupts: train, validation or test. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String split = "test";

    @Mixin private final SharedScenes shared = new SharedScenes();

    @Option(
            names = "--make",
            paramLabel = "DIR",
            description =
                    "Writes random weights of the published sizes: DIR/videoreward and DIR/met3r.")
    private @Nullable Path make;

    @Option(
            names = "--reward",
            paramLabel = "DIR",
            description =
                    "Times VideoReward alone, frames in memory, with the videoreward folder of"
                            + " --make.")
    private @Nullable Path reward;

    @Option(
            names = "--full-size",
            paramLabel = "DIR",
            description =
                    "Times CLIP, DINOv3 with SAM3, VideoReward and MEt3R with the folder of --make,"
                            + " which also has clip, dinov3 and sam3 as export.py --random makes"
                            + " them.")
    private @Nullable Path fullSize;

    @Option(
            names = "--size",
            defaultValue = "128x128",
            description = "Size of the timed videos. Default: ${DEFAULT-VALUE}.")
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
        var device = local.device(TorchRuntime::cudaAvailable);
        var shown = PictureSize.parse(size);
        if (make != null) {
            Path words = local.models().folder(ModelName.QWEN).resolve("tokenizer.json");
            FullSizeSpeed.make(make, words, device);
            return 0;
        }
        if (noticing != null) {
            var seen = seen(noticing, device);
            System.out.print(seen.text());
            json.write(seen);
            return 0;
        }
        if (reward != null) {
            var speed = RewardSpeed.run(reward, device, shown.width(), shown.height(), videos);
            System.out.print(speed.text());
            json.write(speed);
            return 0;
        }
        if (fullSize != null) {
            var speed =
                    new FullSizeSpeed(fullSize, device, local.cores())
                            .run(shown.width(), shown.height(), frames, videos, json);
            System.out.print(speed.text());
            return 0;
        }
        try (var stage = new EvaluateStage(local.models(), FileFingerprints.ofUser(), device)) {
            var speed =
                    new EvaluateSpeed(stage, local.cores())
                            .run(shown.width(), shown.height(), frames, videos);
            System.out.print(speed.text());
            json.write(speed);
        }
        return 0;
    }

    private MetricNoticing.Seen seen(int scenes, Device device) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-noticing");
        try {
            List<Path> files = shared.files(folder);
            if (files.isEmpty()) {
                try (var stage =
                        new EvaluateStage(local.models(), FileFingerprints.ofUser(), device)) {
                    return new MetricNoticing(stage, Split.parse(split), local.cores())
                            .run(shared.part().indices(scenes));
                }
            }
            var parts = new ArrayList<MetricNoticing.Seen>();
            for (Path file : files) {
                parts.add(new ObjectMapper().readValue(file.toFile(), MetricNoticing.Seen.class));
            }
            return MetricNoticing.of(parts);
        } finally {
            TestbedBench.remove(folder);
        }
    }
}
