package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The tiny random model and what transformers computed with it (src/test/fixtures). */
final class Fixtures {
    private Fixtures() {}

    static Path folder() {
        try {
            return Path.of(Fixtures.class.getResource("/dev/reelrank/qwen/expected.json").toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path tiny() {
        return folder().resolve("tiny");
    }

    static QwenModel model(QwenPrecision precision) {
        return QwenModel.load(tiny(), Device.CPU, precision);
    }

    static JsonNode expected() {
        try {
            return new ObjectMapper().readTree(folder().resolve("expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tensor of expected.safetensors as floats. */
    static float[] tensor(String name) {
        try (var file = Checkpoint.open(folder().resolve("expected.safetensors"));
                var scope = TensorScope.open()) {
            return Ops.floats(file.stored(name));
        }
    }

    /** The same picture as in make_fixtures.py. */
    static RgbImage picture(int width, int height, int salt) {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++) {
            for (var x = 0; x < width; x++) {
                for (var c = 0; c < 3; c++) {
                    rgb[(y * width + x) * 3 + c] =
                            (byte)
                                    (x * 7
                                            + y * 13
                                            + c * 31
                                            + x * y % 17 * 5
                                            + salt * 41
                                            + (x / 9 + y / 7) % 2 * 90);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** The conversations of make_fixtures.py. */
    static Map<String, List<Turn>> chats() {
        return Map.of(
                "one",
                List.of(
                        Turn.system("Look at the image."),
                        Turn.user(List.of(picture(64, 48, 0)), "Prompt: the red ring slides left")),
                "two",
                List.of(
                        Turn.user(
                                List.of(picture(40, 70, 1), picture(100, 30, 2)),
                                "Which one moves?")),
                "none",
                List.of(
                        Turn.system("Be brief."),
                        Turn.user(List.of(), "Prompt: café 红色 ring, 12 km/h — go!")),
                "again",
                List.of(
                        Turn.system("Look."),
                        Turn.user(List.of(picture(90, 40, 3)), "Prompt: it turns"),
                        Turn.assistant("No."),
                        Turn.user(
                                List.of(), "That breaks a rule: it has 1 words. Write it again.")));
    }
}
