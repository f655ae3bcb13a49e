package dev.reelrank.perception;

import dev.reelrank.perception.Resampler.Window;
import dev.reelrank.pipeline.RgbImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Pictures to pixel values as the model's processor makes them. */
final class Preprocessor {
    private final Manifest.Preprocessing settings;
    private final Resampler resampler;

    Preprocessor(OnnxFolder folder) {
        this(folder.manifest().preprocessing(), folder);
    }

    private Preprocessor(Manifest.Preprocessing settings, OnnxFolder folder) {
        this.settings = settings;
        this.resampler =
                switch (settings.resample()) {
                    case "bilinear" -> Resampler.BILINEAR;
                    case "bicubic" -> Resampler.BICUBIC;
                    default ->
                            throw OnnxFolder.mismatch(
                                    "%s: unknown resample '%s'; known are bilinear and bicubic"
                                            .formatted(folder.path(), settings.resample()),
                                    null);
                };
        if (settings.mean().length != 3 || settings.std().length != 3) {
            throw OnnxFolder.mismatch(
                    folder.path() + ": mean and std need three values each", null);
        }
    }

    /** The same, but the whole picture goes into a square of the given side. */
    static Preprocessor squeezed(OnnxFolder folder, int side) {
        var s = folder.manifest().preprocessing();
        return new Preprocessor(
                new Manifest.Preprocessing(
                        side, side, s.mean(), s.std(), s.resample(), false, s.quantize()),
                folder);
    }

    int height() {
        return settings.height();
    }

    int width() {
        return settings.width();
    }

    /**
     * A picture as the model takes it.
     *
     * @return shape (3, height, width): (value ÷ 255 − mean) ÷ std
     */
    float[] pixelValues(RgbImage image) {
        int height = settings.height();
        int width = settings.width();
        float[] values;
        if (settings.crop()) {
            boolean portrait = image.width() <= image.height();
            // The short side becomes the model's side; the long one is cut down, not rounded.
            long side = portrait ? width : height;
            int resizedWidth = portrait ? width : (int) (side * image.width() / image.height());
            int resizedHeight = portrait ? (int) (side * image.height() / image.width()) : height;
            var centre =
                    new Window(
                            (resizedWidth - width) / 2,
                            (resizedHeight - height) / 2,
                            width,
                            height);
            values =
                    resampler.resize(
                            image, resizedWidth, resizedHeight, centre, settings.quantize());
        } else {
            values =
                    resampler.resize(
                            image,
                            width,
                            height,
                            new Window(0, 0, width, height),
                            settings.quantize());
        }
        int plane = width * height;
        for (int c = 0; c < 3; c++) {
            float mean = settings.mean()[c];
            float std = settings.std()[c];
            for (int i = c * plane; i < (c + 1) * plane; i++) {
                values[i] = (values[i] / 255f - mean) / std;
            }
        }
        return values;
    }

    /** The same with the picture's size; safe on any thread. */
    PixelValues prepare(RgbImage image) {
        return new PixelValues(image.width(), image.height(), pixelValues(image));
    }

    /** All of them in order, side by side where the settings allow several threads. */
    List<PixelValues> prepare(List<RgbImage> images, PerceptionSettings settings) {
        var stream = settings.threads() > 1 ? images.parallelStream() : images.stream();
        return stream.map(this::prepare).toList();
    }

    /** Shape (images, 3, height, width), outside the Java heap. */
    FloatBuffer batch(List<PixelValues> images) {
        int one = 3 * settings.height() * settings.width();
        var buffer = direct(Math.multiplyExact(images.size(), one));
        for (var image : images) {
            if (image.values().length != one) {
                throw new IllegalArgumentException(
                        "the pixel values belong to another model: %d, expected %d"
                                .formatted(image.values().length, one));
            }
            buffer.put(image.values());
        }
        return buffer.flip();
    }

    static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
