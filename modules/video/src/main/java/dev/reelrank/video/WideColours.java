package dev.reelrank.video;

import java.nio.ShortBuffer;
import java.util.Optional;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Video whose samples do not mean what sRGB's mean, brought to sRGB through linear light: high
 * dynamic range (PQ and HLG, ITU-R BT.2100) and the primaries of BT.2020 and P3.
 *
 * <p>White at 203 nits (ITU-R BT.2408) becomes white; what is brighter, and colours that sRGB does
 * not have, are cut off there. The usual curves of standard dynamic range (BT.601, BT.709, BT.2020,
 * sRGB) count as sRGB's, as players and the models' own tools take them.
 */
final class WideColours {
    private static final int LEVELS = 1 << 16;
    private static final double WHITE_NITS = 203;

    /** HLG's display: 1000 nits, hence the system gamma of 1.2 (BT.2100, table 5). */
    private static final double HLG_NITS = 1000;

    private static final double HLG_GAMMA = 1.2;

    // Linear light to linear BT.709, by rows; both have D65 as white (from H.273's primaries).
    private static final double[] FROM_BT2020 = {
        1.6604910,
        -0.5876411,
        -0.0728499,
        -0.1245505,
        1.1328999,
        -0.0083494,
        -0.0181508,
        -0.1005789,
        1.1187297
    };
    private static final double[] FROM_P3 = {
        1.2249402, -0.2249402, 0, -0.0420570, 1.0420570, 0, -0.0196376, -0.0786361, 1.0982735
    };
    private static final double[] SAME = {1, 0, 0, 0, 1, 0, 0, 0, 1};

    /** Luminance of BT.2020, for HLG's system gamma. */
    private static final double[] LUMA = {0.2627, 0.6780, 0.0593};

    private static final byte[] SRGB = srgb();

    private final float[] light = new float[LEVELS];
    private final double[] matrix;
    private final boolean sceneLight;

    private WideColours(int transfer, double[] matrix) {
        this.matrix = matrix;
        this.sceneLight = transfer == avutil.AVCOL_TRC_ARIB_STD_B67;
        for (int i = 0; i < LEVELS; i++) {
            light[i] = (float) light(transfer, i / (LEVELS - 1.0));
        }
    }

    /** Empty for tags whose samples are sRGB's. */
    static Optional<WideColours> of(ColourTags tags) {
        boolean curved =
                tags.transfer() == avutil.AVCOL_TRC_SMPTE2084
                        || tags.transfer() == avutil.AVCOL_TRC_ARIB_STD_B67
                        || tags.transfer() == avutil.AVCOL_TRC_LINEAR;
        var matrix =
                switch (tags.primaries()) {
                    case avutil.AVCOL_PRI_BT2020 -> FROM_BT2020;
                    case avutil.AVCOL_PRI_SMPTE432 -> FROM_P3;
                    default -> SAME;
                };
        return curved || matrix != SAME
                ? Optional.of(new WideColours(tags.transfer(), matrix))
                : Optional.empty();
    }

    /** Light of a sample, 1 for the white of a screen; of HLG the light of the scene. */
    private static double light(int transfer, double sample) {
        return switch (transfer) {
            case avutil.AVCOL_TRC_SMPTE2084 -> pq(sample) / WHITE_NITS;
            case avutil.AVCOL_TRC_ARIB_STD_B67 -> hlg(sample);
            case avutil.AVCOL_TRC_LINEAR -> sample;
            default -> sample <= 0.04045 ? sample / 12.92 : Math.pow((sample + 0.055) / 1.055, 2.4);
        };
    }

    /** BT.2100, table 4: nits. */
    private static double pq(double sample) {
        double power = Math.pow(sample, 32 / 2523.0);
        double top = Math.max(power - 3424 / 4096.0, 0);
        double bottom = 2413 / 128.0 - 2392 / 128.0 * power;
        return 10_000 * Math.pow(top / bottom, 16384 / 2610.0);
    }

    /** BT.2100, table 5: scene light, 0..1. */
    private static double hlg(double sample) {
        double a = 0.17883277;
        double b = 1 - 4 * a;
        double c = 0.5 - a * Math.log(4 * a);
        return sample <= 0.5 ? sample * sample / 3 : (Math.exp((sample - c) / a) + b) / 12;
    }

    private static byte[] srgb() {
        var table = new byte[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            double light = i / (LEVELS - 1.0);
            double sample =
                    light <= 0.0031308 ? 12.92 * light : 1.055 * Math.pow(light, 1 / 2.4) - 0.055;
            table[i] = (byte) Math.round(255 * sample);
        }
        return table;
    }

    /**
     * One row of pixels.
     *
     * @param from three samples per pixel, 0..65535
     * @param to three bytes per pixel
     * @param at where the row begins in {@code to}
     */
    void row(ShortBuffer from, byte[] to, int at, int width) {
        for (int x = 0; x < width * 3; x += 3) {
            double r = light[from.get(x) & 0xffff];
            double g = light[from.get(x + 1) & 0xffff];
            double b = light[from.get(x + 2) & 0xffff];
            double gain = sceneLight ? shown(r, g, b) : 1;
            for (int c = 0; c < 3; c++) {
                double value = matrix[3 * c] * r + matrix[3 * c + 1] * g + matrix[3 * c + 2] * b;
                double cut = Math.min(1, Math.max(0, value * gain));
                to[at + x + c] = SRGB[(int) Math.round(cut * (LEVELS - 1))];
            }
        }
    }

    /** What HLG's display makes of the light of a scene, as a factor (the OOTF of BT.2100). */
    private static double shown(double r, double g, double b) {
        double y = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
        return y <= 0 ? 0 : Math.pow(y, HLG_GAMMA - 1) * HLG_NITS / WHITE_NITS;
    }
}
