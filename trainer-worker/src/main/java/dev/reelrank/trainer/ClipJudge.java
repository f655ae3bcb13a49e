package dev.reelrank.trainer;

import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Loaded models that say more about clips than their frames do. Used from one thread. */
public interface ClipJudge extends AutoCloseable {
    /**
     * Judges clips of one sample, which are compared with each other.
     *
     * @param image the reference image; null for text-to-video
     * @param prompt what the clips were generated from
     * @param clips video files
     * @return figures by name, 0..1, higher is better, one map per clip
     * @throws dev.reelrank.pipeline.StageException when a clip cannot be judged
     */
    List<Map<String, Double>> judge(@Nullable RgbImage image, String prompt, List<Path> clips);

    /** Frees the models. */
    @Override
    void close();
}
