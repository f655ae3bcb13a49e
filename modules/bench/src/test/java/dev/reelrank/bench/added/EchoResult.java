package dev.reelrank.bench.added;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.stage.StageResult;
import java.util.List;

/**
 * The echo.
 *
 * @param text the prompt, as often as was asked
 * @param videoBytes size of the winner's video as it was read
 */
public record EchoResult(String text, long videoBytes) implements StageResult {
    @Override
    public List<BlobRef> blobs() {
        return List.of();
    }
}
