package dev.reelrank.cli;

import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.upscale.Upscaler;
import dev.reelrank.upscale.VideoUpscale;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A picture or video, enlarged. */
@Command(
        name = "upscale",
        mixinStandardHelpOptions = true,
        description =
                "Enlarges an image or a video with Real-ESRGAN. Frames are enlarged one by one, so fine texture may flicker.")
final class UpscaleCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", description = "Image or video.")
    Path in = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "OUT",
            description = "The result: .png for an image, .mp4 for a video.")
    Path out = Path.of("");

    @Option(
            names = "--weights",
            required = true,
            paramLabel = "FILE",
            description =
                    "Weights: RealESRGAN_x4plus.pth (also anime_6B and x2plus), .safetensors, or the .bin of ncnn with its .param beside it.")
    Path weights = Path.of("");

    @Mixin UpscaleMixin upscale = new UpscaleMixin();

    @Option(
            names = "--crf",
            paramLabel = "N",
            defaultValue = "18",
            description = "Constant quality of a video, 0..51. Default: ${DEFAULT-VALUE}")
    int crf = 18;

    @Option(
            names = "--codec",
            paramLabel = "h264|h265",
            defaultValue = "h264",
            description = "Codec of a video. Default: ${DEFAULT-VALUE}")
    VideoCodec codec = VideoCodec.H264;

    @Override
    public Integer call() {
        boolean picture = ends(out, ".png");
        if (!picture && !ends(out, ".mp4")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--out is %s; it must end in .png for an image or .mp4 for a video"
                            .formatted(out));
        }
        try (var upscaler = upscale.load(weights)) {
            if (picture) {
                Images.writePng(out, upscaler.enlarge(Images.read(in)));
            } else {
                video(upscaler);
            }
        }
        System.out.println(out);
        return ExitCode.OK;
    }

    private void video(Upscaler upscaler) {
        var settings = VideoSettings.h264(1);
        VideoUpscale.enlarge(
                upscaler,
                in,
                out,
                new VideoSettings(codec, crf, settings.preset(), 1),
                done -> System.err.println("frame " + done));
    }

    private static boolean ends(Path file, String ending) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(ending);
    }
}
