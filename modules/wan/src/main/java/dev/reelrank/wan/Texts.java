package dev.reelrank.wan;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Prompts to what the experts attend to: cleaning, tokenizer, encoder. */
final class Texts implements AutoCloseable {
    /** Rows the experts see, whatever the prompt's length. */
    static final int LIMIT = 512;

    private final TextTokenizer tokenizer;
    private final TextEncoder encoder;
    private final TorchDevice device;
    private final boolean visiting;

    private Texts(
            TextTokenizer tokenizer, TextEncoder encoder, TorchDevice device, boolean visiting) {
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        this.device = device;
        this.visiting = visiting;
    }

    /**
     * @param visiting whether the encoder lives on the CPU and visits the device for each text
     */
    static Texts load(WanSnapshot snapshot, TorchDevice device, DType dtype, boolean visiting) {
        var tokenizer = snapshot.tokenizer();
        try (var source = snapshot.part("text_encoder")) {
            var home = visiting ? TorchDevice.cpu() : device;
            return new Texts(
                    tokenizer,
                    new TextEncoder(snapshot.text(), source, home, device, dtype),
                    device,
                    visiting);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** The ids of a prompt. */
    long[] tokens(String prompt) {
        return tokenizer.encode(PromptCleaner.clean(prompt), LIMIT);
    }

    /** The caller closes it. */
    TextContext encode(String prompt) {
        long[] ids = tokens(prompt);
        if (visiting) {
            encoder.parameters().visit(device);
        }
        try (var scope = TensorScope.open()) {
            Tensor rows = encoder.apply(ids).squeeze(0);
            rows.retainReference();
            return new TextContext(rows, LIMIT - ids.length);
        } finally {
            if (visiting) {
                encoder.parameters().leave();
                device.emptyCache();
            }
        }
    }

    /**
     * Reads rows made elsewhere: a safetensors file whose one tensor, or whose tensor {@code
     * prompt_embeds}, has the shape (tokens, dim) or (1, tokens, dim).
     */
    static TextContext read(Path path, String name, TransformerConfig config) {
        try (var file = SafetensorsFile.open(path);
                var scope = TensorScope.open()) {
            String key =
                    file.names().contains(name) || file.names().size() != 1
                            ? name
                            : file.names().iterator().next();
            Tensor rows = file.tensor(key);
            long[] shape = rows.shape();
            if (shape[shape.length - 1] != config.textDim()
                    || rows.numel() / config.textDim() > LIMIT
                    || rows.numel() == 0) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "'%s' of %s has the shape %s; this model takes (tokens, %d) with 1 to %d tokens"
                                .formatted(
                                        key,
                                        path,
                                        java.util.Arrays.toString(shape),
                                        config.textDim(),
                                        LIMIT));
            }
            Tensor kept = rows.reshape(-1, config.textDim()).clone();
            kept.retainReference();
            return new TextContext(kept, LIMIT - kept.size(0));
        }
    }

    long bytes() {
        return encoder.bytes();
    }

    @Override
    public void close() {
        encoder.close();
        tokenizer.close();
    }
}
