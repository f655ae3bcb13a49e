package dev.reelrank.video;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifIFD0Directory;
import dev.reelrank.pipeline.RgbImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * How a camera was held: the eight values of EXIF's orientation tag (EXIF 2.32, tag 0x0112). Videos
 * say the same in their container's display matrix.
 *
 * @param value 1 (upright) to 8
 */
record Orientation(int value) {
    static final Orientation UPRIGHT = new Orientation(1);

    /** 1 in the display matrix of a container, which counts in 65536ths. */
    private static final int ONE = 1 << 16;

    /** The orientation said in the file, upright where it says none. */
    static Orientation of(byte[] file) {
        try {
            var metadata = ImageMetadataReader.readMetadata(new ByteArrayInputStream(file));
            for (var exif : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
                if (exif.containsTag(ExifIFD0Directory.TAG_ORIENTATION)) {
                    int value = exif.getInt(ExifIFD0Directory.TAG_ORIENTATION);
                    return value >= 1 && value <= 8 ? new Orientation(value) : UPRIGHT;
                }
            }
            return UPRIGHT;
        } catch (ImageProcessingException | MetadataException | IOException e) {
            // The pixels decoded; damaged metadata alone is no reason to refuse a picture.
            return UPRIGHT;
        }
    }

    /**
     * The orientation that a container's display matrix says (ISO/IEC 14496-12, tkhd).
     *
     * @param matrix a b u c d v x y w: a stored point (x, y) is shown at (ax + cy, bx + dy)
     * @return empty for a matrix that turns by another angle than a multiple of 90 degrees, or that
     *     stretches
     */
    static Optional<Orientation> ofDisplayMatrix(int[] matrix) {
        int a = matrix[0];
        int b = matrix[1];
        int c = matrix[3];
        int d = matrix[4];
        boolean straight = Math.abs(a) == ONE && Math.abs(d) == ONE && b == 0 && c == 0;
        boolean transposed = Math.abs(b) == ONE && Math.abs(c) == ONE && a == 0 && d == 0;
        if (straight) {
            return Optional.of(new Orientation(a > 0 ? (d > 0 ? 1 : 4) : (d > 0 ? 2 : 3)));
        }
        if (transposed) {
            return Optional.of(new Orientation(b > 0 ? (c > 0 ? 5 : 6) : (c > 0 ? 8 : 7)));
        }
        return Optional.empty();
    }

    /** Whether width and height change places. */
    boolean isTransposed() {
        return value >= 5;
    }

    /** Turns and mirrors the picture so that it stands upright. */
    RgbImage apply(RgbImage image) {
        if (value == 1) {
            return image;
        }
        boolean transposed = isTransposed();
        int width = transposed ? image.height() : image.width();
        int height = transposed ? image.width() : image.height();
        // Where the upright picture's x runs backwards, and its y, along the stored axes.
        boolean flipX = value == 2 || value == 3 || value == 7 || value == 8;
        boolean flipY = value == 3 || value == 4 || value == 6 || value == 7;
        var source = image.rgb();
        var upright = new byte[source.length];
        int to = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int sx = transposed ? y : x;
                int sy = transposed ? x : y;
                sx = flipX ? image.width() - 1 - sx : sx;
                sy = flipY ? image.height() - 1 - sy : sy;
                int from = (sy * image.width() + sx) * 3;
                upright[to++] = source[from];
                upright[to++] = source[from + 1];
                upright[to++] = source[from + 2];
            }
        }
        return new RgbImage(width, height, upright);
    }
}
