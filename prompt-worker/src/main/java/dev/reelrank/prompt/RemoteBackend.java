package dev.reelrank.prompt;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.qwen.TextGenerator;
import java.util.Map;

/** A model behind an endpoint: nothing is loaded here. */
final class RemoteBackend implements Backend {
    private static final double HOST_GIB = 0.25;

    private final Endpoint endpoint;

    RemoteBackend(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public PromptKey loadKey(PromptConfig config) {
        return new PromptKey.Remote(endpoint.base(), endpoint.model());
    }

    @Override
    public Map<String, String> parts(PromptKey key) {
        // What the server has loaded cannot be seen: its name must do.
        var remote = (PromptKey.Remote) key;
        return Map.of("endpoint", remote.endpoint().toString(), "model", remote.model());
    }

    @Override
    public Needs needs(PromptConfig config) {
        return new Needs(0, HOST_GIB);
    }

    @Override
    public Loaded load(PromptKey key, Device device) {
        var model = new RemoteModel(endpoint);
        return new Loaded() {
            @Override
            public TextGenerator generator() {
                return model;
            }

            @Override
            public long peakDeviceBytes() {
                return 0;
            }

            @Override
            public void close() {
                // Connections are the client's, and it ends with its last reference.
            }
        };
    }
}
