package dev.reelrank.perception;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.RgbImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** What src/test/fixtures/make_fixtures.py wrote: tiny models, pictures, transformers' answers. */
final class Fixtures {
    static final PerceptionSettings SETTINGS = PerceptionSettings.cpu(1);

    private Fixtures() {}

    static Path path(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/perception/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode expected(String model) throws IOException {
        return new ObjectMapper().readTree(path("expected.json").toFile()).get(model);
    }

    static float[] floats(JsonNode node) {
        var values = new float[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) node.get(i).asDouble();
        }
        return values;
    }

    static RgbImage picture(String name) throws IOException {
        var image = ImageIO.read(path(name + ".png").toFile());
        var rgb = new byte[image.getWidth() * image.getHeight() * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % image.getWidth();
            int y = i / 3 / image.getWidth();
            rgb[i] = (byte) (image.getRGB(x, y) >> (16 - 8 * (i % 3)));
        }
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }
}
