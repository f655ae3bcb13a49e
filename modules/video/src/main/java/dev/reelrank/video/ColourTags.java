package dev.reelrank.video;

import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/**
 * What a frame says about its colours, in the numbers of ITU-T H.273.
 *
 * @param matrix how Y'CbCr was made of R'G'B'; 2 unspecified
 * @param full samples use 0..255, not 16..235
 * @param transfer the curve between light and samples; 2 unspecified
 * @param primaries which red, green and blue; 2 unspecified
 */
record ColourTags(int matrix, boolean full, int transfer, int primaries) {
    /** Matrices that are one linear map; the others need light or are lossless transforms. */
    private static final Set<Integer> LINEAR =
            Set.of(
                    avutil.AVCOL_SPC_RGB,
                    avutil.AVCOL_SPC_BT709,
                    avutil.AVCOL_SPC_UNSPECIFIED,
                    avutil.AVCOL_SPC_RESERVED,
                    avutil.AVCOL_SPC_FCC,
                    avutil.AVCOL_SPC_BT470BG,
                    avutil.AVCOL_SPC_SMPTE170M,
                    avutil.AVCOL_SPC_SMPTE240M,
                    avutil.AVCOL_SPC_BT2020_NCL);

    static ColourTags of(AVFrame frame) {
        return new ColourTags(
                frame.colorspace(),
                frame.color_range() == avutil.AVCOL_RANGE_JPEG,
                frame.color_trc(),
                frame.color_primaries());
    }

    /**
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO when the colours cannot be
     *     determined
     */
    void requireConvertible(Path file) {
        if (transfer == avutil.AVCOL_TRC_LOG
                || transfer == avutil.AVCOL_TRC_LOG_SQRT
                || transfer == avutil.AVCOL_TRC_SMPTE428) {
            throw UnreadableVideo.because(
                    file,
                    "its transfer curve %s is not supported, encode it as BT.709"
                            .formatted(name(avutil.av_color_transfer_name(transfer))));
        }
        if (!LINEAR.contains(matrix)) {
            throw UnreadableVideo.because(
                    file,
                    "its colour matrix %s is not supported, encode it as BT.709 (ffmpeg -i IN -vf scale=out_color_matrix=bt709 OUT)"
                            .formatted(name(avutil.av_color_space_name(matrix))));
        }
    }

    private static String name(BytePointer name) {
        return name == null || name.isNull() ? "(unknown)" : name.getString();
    }
}
