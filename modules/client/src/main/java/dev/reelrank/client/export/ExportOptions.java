package dev.reelrank.client.export;

import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoCodec;
import java.nio.file.Path;

/**
 * How a run is exported.
 *
 * @param archive where the .tar.gz goes
 * @param codec of the videos in it
 * @param crf constant rate factor, 0..51
 * @param preset of the encoder
 * @param jobs videos encoded at once, at least 1
 * @param keep whether the encoded videos stay in a folder beside the archive
 */
public record ExportOptions(
        Path archive, VideoCodec codec, int crf, EncodingPreset preset, int jobs, boolean keep) {
    public ExportOptions {
        archive = archive.toAbsolutePath().normalize();
        if (crf < 0 || crf > 51) {
            throw new IllegalArgumentException("crf must lie in 0..51, was " + crf);
        }
        if (jobs < 1) {
            throw new IllegalArgumentException("jobs must be at least 1, was " + jobs);
        }
    }

    /** Where kept videos go: the archive's name without its ending. */
    Path keptFolder() {
        String name = String.valueOf(archive.getFileName());
        String bare = name.replaceFirst("\\.(tar\\.gz|tgz)$", "");
        return archive.resolveSibling(bare.equals(name) ? name + ".videos" : bare);
    }
}
