package dev.reelrank.animatediff;

import dev.reelrank.diffusion.text.ClipTokenizer;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prompts to the rows that the UNet attends to: tokenizer and CLIP's text encoder. */
final class ClipTexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClipTexts.class);

    private final ClipTokenizer tokenizer;
    private final ClipTextEncoder encoder;
    private final ClipTextConfig config;
    private final TorchDevice device;
    private final boolean visiting;
    private @Nullable String cutBefore;

    /**
     * @param tokenizer closed with this, or at once if loading fails
     * @param visiting whether the encoder lives on the CPU and visits the device for each text
     */
    ClipTexts(
            ClipTokenizer tokenizer,
            ClipTextConfig config,
            TensorSource source,
            TorchDevice device,
            DType dtype,
            boolean visiting) {
        this.tokenizer = tokenizer;
        this.config = config;
        this.device = device;
        this.visiting = visiting;
        try {
            var home = visiting ? TorchDevice.cpu() : device;
            encoder = new ClipTextEncoder(config, source, home, device, dtype);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** The ids of a prompt, padded and cut to the encoder's length. */
    ClipTokenizer.Encoded tokens(String prompt) {
        var encoded = tokenizer.encode(prompt, config.length());
        for (long id : encoded.ids()) {
            if (id >= config.vocabulary()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the tokenizer makes the id %d, but the text encoder's vocab_size is %d: they belong to different models"
                                .formatted(id, config.vocabulary()));
            }
        }
        return encoded;
    }

    /**
     * Encodes a prompt; the caller closes the rows.
     *
     * @param skip last blocks that are left out
     */
    TextContext encode(String prompt, int skip) {
        var encoded = tokens(prompt);
        // Once: jitter encodes one prompt for each frame.
        if (encoded.cut() > 0 && !prompt.equals(cutBefore)) {
            cutBefore = prompt;
            LOG.warn(
                    "the prompt has {} tokens, CLIP sees {}: its last {} are left out",
                    encoded.tokens(),
                    config.length(),
                    encoded.cut());
        }
        if (visiting) {
            encoder.parameters().visit(device);
        }
        try (var scope = TensorScope.open()) {
            Tensor rows = encoder.apply(encoded.ids(), skip);
            if (!Ops.isFinite(rows)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the text encoder made rows that are not finite (NaN or infinite): try"
                                + " --precision fp32");
            }
            rows.retainReference();
            return new TextContext(
                    rows, 0, Math.min(encoded.tokens(), config.length()), encoded.cut());
        } finally {
            if (visiting) {
                encoder.parameters().leave();
                device.emptyCache();
            }
        }
    }

    @Override
    public void close() {
        encoder.close();
        tokenizer.close();
    }
}
