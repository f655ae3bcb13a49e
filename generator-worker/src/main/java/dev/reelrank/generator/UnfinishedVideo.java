package dev.reelrank.generator;

import dev.reelrank.diffusion.Generation;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.VideoCodec;
import java.util.LinkedHashMap;

/**
 * A video whose frames are all made, and whose file is still being written. The device is free for
 * the next one; any one thread may finish it.
 *
 * @param writer closed with this
 * @param used what it was really made with
 */
record UnfinishedVideo(
        BackgroundWriter writer, VideoCodec codec, Generation generation, GeneratorUse used)
        implements AutoCloseable {
    /**
     * Waits for the file.
     *
     * @throws dev.reelrank.pipeline.StageException what went wrong while it was written
     */
    MadeVideo finish() {
        var timings = new LinkedHashMap<>(generation.timings());
        long begin = System.nanoTime();
        var info = writer.finish();
        timings.put("encode", (System.nanoTime() - begin) / 1_000_000);
        return new MadeVideo(info, codec, generation, used, timings);
    }

    /** Ends the writing; an unfinished file is gone. */
    @Override
    public void close() {
        writer.close();
    }
}
