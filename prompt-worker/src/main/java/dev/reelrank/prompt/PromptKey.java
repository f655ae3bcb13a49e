package dev.reelrank.prompt;

import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.qwen.QwenPrecision;
import java.net.URI;
import java.nio.file.Path;

/** What answers a prompt request. */
sealed interface PromptKey extends LoadKey {
    /** Prompts that are kept as they are need no model. */
    record NoModel() implements PromptKey {
        @Override
        public String precision() {
            return "none";
        }

        @Override
        public String toString() {
            return "no model";
        }
    }

    /**
     * A model in this process.
     *
     * @param folder of the model
     */
    record Local(Path folder, QwenPrecision weights) implements PromptKey {
        @Override
        public String precision() {
            return weights.id();
        }

        @Override
        public String toString() {
            return "%s in %s".formatted(folder, precision());
        }
    }

    /**
     * A model behind an endpoint.
     *
     * @param model its name at the endpoint
     */
    record Remote(URI endpoint, String model) implements PromptKey {
        @Override
        public String precision() {
            return "remote";
        }

        @Override
        public String toString() {
            return "%s at %s".formatted(model, endpoint);
        }
    }
}
