package dev.reelrank.cli;

import dev.reelrank.client.export.Finish;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.upscale.UpscaleOptions;
import dev.reelrank.upscale.Upscaler;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where and how pictures are enlarged: options of upscale and export. */
final class UpscaleMixin {
    @Option(
            names = "--device",
            paramLabel = "cpu|cuda:N",
            defaultValue = "cpu",
            description = "Where the network computes. Default: ${DEFAULT-VALUE}")
    String device = "cpu";

    @Option(
            names = "--tile",
            paramLabel = "N",
            defaultValue = "256",
            description =
                    "Side of the parts that a picture is computed in; larger needs more memory. Default: ${DEFAULT-VALUE}")
    int tile = 256;

    @Option(
            names = "--overlap",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "Pixels around each part that are computed and thrown away, so that no seam is seen. Default: ${DEFAULT-VALUE}")
    int overlap = 32;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "Parts computed at once. Default: ${DEFAULT-VALUE}")
    int batch = 1;

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|fp16",
            defaultValue = "fp32",
            description =
                    "Precision of the network. bf16 and fp16 are faster on a GPU, slower on a CPU. Default: ${DEFAULT-VALUE}")
    String precision = "fp32";

    /** Loads the weights; the caller closes it. */
    Upscaler load(Path weights) {
        try {
            return load(weights, new UpscaleOptions(tile, overlap, batch, precision));
        } catch (IllegalArgumentException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, String.valueOf(e.getMessage()), e);
        }
    }

    /** The same, computed in another way; the caller closes it. */
    Upscaler load(Path weights, UpscaleOptions options) {
        try {
            return Upscaler.load(weights, Device.parse(device), options);
        } catch (IllegalArgumentException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, String.valueOf(e.getMessage()), e);
        }
    }

    /** One frame at a time: the network has one device. */
    static Finish finish(Upscaler upscaler) {
        return new Finish() {
            @Override
            public int scale() {
                return upscaler.scale();
            }

            @Override
            public synchronized RgbImage apply(RgbImage frame) {
                return upscaler.enlarge(frame);
            }
        };
    }
}
