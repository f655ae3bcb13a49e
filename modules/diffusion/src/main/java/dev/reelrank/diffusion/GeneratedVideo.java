package dev.reelrank.diffusion;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/** A video's frames, and how it came about. */
public record GeneratedVideo(List<RgbImage> frames, Generation generation) {
    public GeneratedVideo {
        frames = List.copyOf(frames);
    }
}
