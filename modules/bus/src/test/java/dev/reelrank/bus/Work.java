package dev.reelrank.bus;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.PromptRequest;
import java.time.Instant;

/** Work items for tests. */
final class Work {
    private Work() {}

    static WorkItem prompt(String id) {
        return prompt(id, 1);
    }

    static WorkItem prompt(String id, int emission) {
        var image = new BlobRef("store:blobs/x", Sha256.of(id), 1, "image/png");
        return new WorkItem(
                new WorkRef(id, "run", "sample-" + id, StageName.PROMPT, null, 0),
                emission,
                Instant.now(),
                new PromptRequest("a cat " + id, image, PromptConfig.defaults()));
    }
}
