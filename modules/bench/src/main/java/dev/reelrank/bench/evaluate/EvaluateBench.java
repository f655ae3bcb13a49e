package dev.reelrank.bench.evaluate;

import dev.reelrank.bench.FigureFile;
import dev.reelrank.bench.PictureSize;
import dev.reelrank.evaluator.EvaluateStage;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Path;
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
            names = "--make-reward",
            paramLabel = "DIR",
            description = "Writes VideoReward with random weights of the published size there.")
    private @Nullable Path makeReward;

    @Option(
            names = "--reward",
            paramLabel = "DIR",
            description = "Times VideoReward with the folder that --make-reward wrote.")
    private @Nullable Path reward;

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

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write the figures to this file.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        var device = local.device(TorchRuntime::cudaAvailable);
        var shown = PictureSize.parse(size);
        if (makeReward != null) {
            Path words = local.models().folder(ModelName.QWEN).resolve("tokenizer.json");
            RewardSpeed.make(makeReward, words, device);
            return 0;
        }
        if (reward != null) {
            var speed = RewardSpeed.run(reward, device, shown.width(), shown.height(), videos);
            System.out.print(speed.text());
            FigureFile.write(json, speed);
            return 0;
        }
        try (var stage = new EvaluateStage(local.models(), FileFingerprints.ofUser(), device)) {
            if (noticing != null) {
                var seen = new MetricNoticing(stage, local.cores()).run(noticing);
                System.out.print(seen.text());
                FigureFile.write(json, seen);
            } else {
                var speed =
                        new EvaluateSpeed(stage, local.cores())
                                .run(shown.width(), shown.height(), frames, videos);
                System.out.print(speed.text());
                FigureFile.write(json, speed);
            }
        }
        return 0;
    }
}
