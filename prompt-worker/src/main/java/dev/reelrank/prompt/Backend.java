package dev.reelrank.prompt;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.qwen.TextGenerator;
import java.util.Map;

/** Where answers come from: a model in this process or one behind an endpoint. */
interface Backend {
    PromptKey loadKey(PromptConfig config);

    /** Hashes by name of everything that decides an answer, found without loading. */
    Map<String, String> parts(PromptKey key);

    Needs needs(PromptConfig config);

    /** What answers; the caller closes it. */
    Loaded load(PromptKey key, Device device);

    /** Something that answers until it is closed. */
    interface Loaded extends AutoCloseable {
        TextGenerator generator();

        /** Most bytes of a GPU in use at once, 0 where there is none. */
        long peakDeviceBytes();

        @Override
        void close();
    }
}
