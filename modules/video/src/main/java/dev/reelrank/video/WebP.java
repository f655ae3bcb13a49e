package dev.reelrank.video;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * WebP by libwebp itself, which OpenCV carries: the same bytes as Pillow, Chrome and every other
 * program that uses it. An animation gives its first frame.
 */
final class WebP {
    private static final int HEADER = 12;

    static {
        HeadlessOpenCv.prepare();
    }

    private WebP() {}

    static boolean is(byte[] file) {
        return file.length > HEADER && text(file, 0).equals("RIFF") && text(file, 8).equals("WEBP");
    }

    /** Width and height in pixels, as the first chunk says. */
    record Size(int width, int height) {}

    /**
     * @throws IOException for a header that is none
     */
    static Size size(byte[] file) throws IOException {
        var bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = HEADER + 8;
        if (file.length < at + 10) {
            throw new IOException("its header is truncated");
        }
        return switch (text(file, HEADER)) {
            case "VP8X" -> new Size(1 + three(bytes, at + 4), 1 + three(bytes, at + 7));
            case "VP8L" -> {
                int bits = bytes.getInt(at + 1);
                yield new Size(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
            }
            case "VP8 " ->
                    new Size(bytes.getShort(at + 6) & 0x3fff, bytes.getShort(at + 8) & 0x3fff);
            default -> throw new IOException("its first chunk is " + text(file, HEADER));
        };
    }

    /**
     * @return red, green, blue and, where the file has it, alpha, 8 bits each, in the file's colour
     *     space
     * @throws IOException when libwebp refuses it
     */
    static BufferedImage decode(byte[] file) throws IOException {
        try (var pointer = new BytePointer(file);
                var bytes = new Mat(new int[] {1, file.length}, opencv_core.CV_8UC1, pointer);
                var decoded = opencv_imgcodecs.imdecode(bytes, opencv_imgcodecs.IMREAD_UNCHANGED)) {
            if (decoded.empty()) {
                throw new IOException("libwebp cannot decode it");
            }
            var pixels = new byte[Math.toIntExact(decoded.total() * decoded.channels())];
            decoded.data().get(pixels);
            return image(pixels, decoded.cols(), decoded.rows(), decoded.channels(), profile(file));
        } catch (RuntimeException e) {
            // OpenCV's own exceptions come through JavaCPP as RuntimeException.
            throw new IOException("libwebp cannot decode it: " + e.getMessage(), e);
        }
    }

    private static BufferedImage image(
            byte[] bgr, int width, int height, int channels, @Nullable ICC_Profile profile) {
        var space =
                profile == null
                        ? ColorSpace.getInstance(ColorSpace.CS_sRGB)
                        : new ICC_ColorSpace(profile);
        boolean alpha = channels == 4;
        var model =
                new ComponentColorModel(
                        space,
                        alpha,
                        false,
                        alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
                        DataBuffer.TYPE_BYTE);
        var raster =
                Raster.createInterleavedRaster(
                        new DataBufferByte(bgr, bgr.length),
                        width,
                        height,
                        width * channels,
                        channels,
                        alpha ? new int[] {2, 1, 0, 3} : new int[] {2, 1, 0},
                        null);
        return new BufferedImage(model, raster, false, null);
    }

    /** The embedded colour profile; null where there is none for RGB. */
    private static @Nullable ICC_Profile profile(byte[] file) {
        var bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = HEADER;
        while (at >= HEADER && at + 8 <= file.length) {
            int length = bytes.getInt(at + 4);
            if (length < 0 || length > file.length - at - 8) {
                return null;
            }
            if (text(file, at).equals("ICCP")) {
                return rgb(Arrays.copyOfRange(file, at + 8, at + 8 + length));
            }
            at += 8 + length + (length & 1);
        }
        return null;
    }

    private static @Nullable ICC_Profile rgb(byte[] data) {
        try {
            var profile = ICC_Profile.getInstance(data);
            return profile.getColorSpaceType() == ColorSpace.TYPE_RGB ? profile : null;
        } catch (IllegalArgumentException e) {
            // The pixels decoded; a damaged profile alone is no reason to refuse a picture.
            return null;
        }
    }

    private static String text(byte[] file, int at) {
        return new String(file, at, 4, StandardCharsets.US_ASCII);
    }

    private static int three(ByteBuffer bytes, int at) {
        return (bytes.getShort(at) & 0xffff) | (bytes.get(at + 2) & 0xff) << 16;
    }
}
