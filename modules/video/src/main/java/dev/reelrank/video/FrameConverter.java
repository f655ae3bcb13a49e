package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.jspecify.annotations.Nullable;

/**
 * Stored frames to upright 8-bit RGB, by the matrix and range that they carry. Without a tag they
 * are BT.601 in limited range, which is what FFmpeg makes of RGB by default. High dynamic range and
 * wide primaries go through {@link WideColours}.
 */
final class FrameConverter implements AutoCloseable {
    private static final int ONE = 1 << 16;
    private static final int FLAGS =
            swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT;

    private static final int SAMPLES_16 =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                    ? avutil.AV_PIX_FMT_RGB48LE
                    : avutil.AV_PIX_FMT_RGB48BE;

    private final Path file;
    private final Orientation orientation;
    private final AVFrame rgb = avutil.av_frame_alloc();
    private @Nullable SwsContext scaler;
    private @Nullable Layout layout;
    private @Nullable WideColours wide;

    /** What a scaler is made for. */
    private record Layout(int width, int height, int format, ColourTags colours) {
        static Layout of(AVFrame frame) {
            return new Layout(frame.width(), frame.height(), frame.format(), ColourTags.of(frame));
        }
    }

    FrameConverter(Path file, Orientation orientation) {
        this.file = file;
        this.orientation = orientation;
    }

    /**
     * @throws StageException UNREADABLE_VIDEO for colours that cannot be determined, and for a
     *     frame of another size than those before
     */
    RgbImage convert(AVFrame frame) {
        var found = Layout.of(frame);
        if (!found.equals(layout)) {
            prepare(found);
        }
        int done = swscale.sws_scale_frame(scaler, rgb, frame);
        if (done < 0) {
            throw UnreadableVideo.because(
                    file, "a frame cannot be converted to RGB (" + FfmpegError.text(done) + ")");
        }
        int row = found.width() * 3;
        var bytes = new byte[Math.multiplyExact(row, found.height())];
        int stride = rgb.linesize(0);
        var pixels = rgb.data(0).capacity((long) stride * found.height()).asByteBuffer();
        for (int y = 0; y < found.height(); y++) {
            if (wide == null) {
                pixels.get(y * stride, bytes, y * row, row);
            } else {
                var samples = pixels.slice(y * stride, row * 2).order(ByteOrder.nativeOrder());
                wide.row(samples.asShortBuffer(), bytes, y * row, found.width());
            }
        }
        return orientation.apply(new RgbImage(found.width(), found.height(), bytes));
    }

    private void prepare(Layout wanted) {
        if (layout != null
                && (layout.width() != wanted.width() || layout.height() != wanted.height())) {
            throw UnreadableVideo.because(
                    file,
                    "its frames change from %dx%d to %dx%d"
                            .formatted(
                                    layout.width(),
                                    layout.height(),
                                    wanted.width(),
                                    wanted.height()));
        }
        wanted.colours().requireConvertible(file);
        release();
        wide = WideColours.of(wanted.colours()).orElse(null);
        int format = wide == null ? avutil.AV_PIX_FMT_RGB24 : SAMPLES_16;
        scaler =
                swscale.sws_getContext(
                        wanted.width(),
                        wanted.height(),
                        wanted.format(),
                        wanted.width(),
                        wanted.height(),
                        format,
                        FLAGS,
                        null,
                        null,
                        (DoublePointer) null);
        if (scaler == null || scaler.isNull()) {
            throw UnreadableVideo.because(file, "its pixel format cannot be converted to RGB");
        }
        var matrix = swscale.sws_getCoefficients(wanted.colours().matrix());
        swscale.sws_setColorspaceDetails(
                scaler, matrix, wanted.colours().full() ? 1 : 0, matrix, 1, 0, ONE, ONE);
        rgb.width(wanted.width());
        rgb.height(wanted.height());
        rgb.format(format);
        if (avutil.av_frame_get_buffer(rgb, 0) < 0) {
            throw new StageException(
                    FailureCode.OUT_OF_MEMORY,
                    "no memory for a frame of %dx%d".formatted(wanted.width(), wanted.height()));
        }
        layout = wanted;
    }

    private void release() {
        if (scaler != null) {
            swscale.sws_freeContext(scaler);
            scaler = null;
        }
        avutil.av_frame_unref(rgb);
    }

    @Override
    public void close() {
        release();
        avutil.av_frame_free(rgb);
    }
}
