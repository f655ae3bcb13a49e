package dev.reelrank.console.web;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import io.javalin.http.Context;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Sends blobs: whole or in ranges. Callers pass a blob that a fact names, never a path. Single
 * frames and posters are made when they are asked for; a poster is made once and kept in the store.
 */
public final class Media {
    private static final int POSTER_WIDTH = 480;

    /**
     * What browsers show. A client may name any type for a file of its own; sent as that, it could
     * be a page with a script of this address.
     */
    private static final Set<String> SHOWN =
            Set.of("image/png", "image/jpeg", "image/webp", "video/mp4", "application/json");

    /** Part of the key of a stored poster; raised whenever posters are made in another way. */
    private static final String POSTER = "poster-v1-";

    private final ResultStore store;
    private final Path scratch;

    /**
     * @param scratch where a remote store's blobs are copied to
     */
    public Media(ResultStore store, Path scratch) {
        this.store = store;
        this.scratch = scratch;
    }

    /** Sends a blob that may be kept by the browser for ever: its address is its content. */
    public void send(Context ctx, BlobRef blob) throws IOException {
        String tag = '"' + blob.sha256() + '"';
        ctx.header("ETag", tag).header("Cache-Control", "private, max-age=31536000, immutable");
        if (tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
            return;
        }
        body(ctx, blob);
    }

    /** Sends a blob that nobody should recognise again: without its hash, not to be kept. */
    public void sendBlind(Context ctx, BlobRef blob) throws IOException {
        ctx.header("Cache-Control", "private, no-store");
        body(ctx, blob);
    }

    private void body(Context ctx, BlobRef blob) throws IOException {
        Path file = file(blob);
        long size = Files.size(file);
        // Ranges and lengths are those of the file itself.
        ctx.disableCompression();
        if (SHOWN.contains(blob.mediaType())) {
            ctx.contentType(blob.mediaType());
        } else {
            ctx.contentType("application/octet-stream").header("Content-Disposition", "attachment");
        }
        ctx.header("Accept-Ranges", "bytes");
        Optional<ByteRange> range = ByteRange.of(ctx.header("Range"), size);
        InputStream in = Files.newInputStream(file);
        // The server closes the stream when the answer has been written.
        if (range.isEmpty()) {
            ctx.header("Content-Length", Long.toString(size)).result(in);
            return;
        }
        ByteRange part = range.get();
        in.skipNBytes(part.first());
        ctx.status(206)
                .header(
                        "Content-Range",
                        "bytes %d-%d/%d".formatted(part.first(), part.last(), size))
                .header("Content-Length", Long.toString(part.length()))
                .result(new Limited(in, part.length()));
    }

    /** Ends after a number of bytes. */
    private static final class Limited extends FilterInputStream {
        private long left;

        private Limited(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            if (left <= 0) {
                return -1;
            }
            left--;
            return super.read();
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int read = super.read(to, offset, (int) Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        }
    }

    /** Sends the first frame of a video, or a picture itself, at most 480 pixels wide. */
    public void sendPoster(Context ctx, BlobRef blob) {
        String tag = "\"" + POSTER + blob.sha256() + '"';
        ctx.header("ETag", tag).header("Cache-Control", "private, max-age=31536000, immutable");
        if (tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
            return;
        }
        ctx.contentType("image/png").result(poster(blob));
    }

    private byte[] poster(BlobRef blob) {
        String key = POSTER + blob.sha256();
        Optional<byte[]> known = store.result(key);
        if (known.isPresent()) {
            return known.get();
        }
        RgbImage picture =
                blob.mediaType().startsWith("video/") ? frame(blob, 0) : Images.read(file(blob));
        return store.putResultIfAbsent(key, Images.png(small(picture)));
    }

    private static RgbImage small(RgbImage picture) {
        if (picture.width() <= POSTER_WIDTH) {
            return picture;
        }
        int height = Math.max(1, picture.height() * POSTER_WIDTH / picture.width());
        var target = new BufferedImage(POSTER_WIDTH, height, BufferedImage.TYPE_INT_RGB);
        var graphics = target.createGraphics();
        try {
            graphics.drawImage(
                    Images.toBuffered(picture)
                            .getScaledInstance(POSTER_WIDTH, height, Image.SCALE_AREA_AVERAGING),
                    0,
                    0,
                    null);
        } finally {
            graphics.dispose();
        }
        return Images.fromBuffered(target);
    }

    /**
     * One frame of a video.
     *
     * @param number from 0
     * @throws Problem 404 past the end
     */
    public RgbImage frame(BlobRef video, int number) {
        try (var reader = VideoReader.open(file(video))) {
            int frames = reader.info().frames();
            if (number < 0 || number >= frames) {
                throw Problem.notFound(
                        "the video has frames 0 to %d, and no frame %d"
                                .formatted(frames - 1, number));
            }
            RgbImage frame = reader.next();
            for (int i = 0; i < number && frame != null; i++) {
                frame = reader.next();
            }
            if (frame == null) {
                throw Problem.notFound("the video ends before frame " + number);
            }
            return frame;
        }
    }

    private Path file(BlobRef blob) {
        try {
            return store.fetch(blob, scratch);
        } catch (StageException e) {
            if (e.code() == FailureCode.INPUT_LOST) {
                throw new Problem(
                        410,
                        "gone",
                        "the store no longer has this file; it was removed or altered");
            }
            throw e;
        }
    }
}
