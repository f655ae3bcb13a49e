package dev.reelrank.diffusion.text;

import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prompts to what a transformer attends to: cleaning, tokenizer, T5 or UMT5 encoder. */
public final class Texts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Texts.class);

    private final TextTokenizer tokenizer;
    private final TextEncoder encoder;
    private final TextRules rules;
    private final long vocabulary;
    private final TorchDevice device;
    private final Offload offload;

    private Texts(
            TextTokenizer tokenizer,
            TextEncoder encoder,
            TextRules rules,
            long vocabulary,
            TorchDevice device,
            Offload offload) {
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        this.rules = rules;
        this.vocabulary = vocabulary;
        this.device = device;
        this.offload = offload;
    }

    /**
     * Loads the encoder.
     *
     * @param tokenizer closed with this, or at once if loading fails
     * @param source the encoder's weights; the caller closes it
     * @param limit rows the transformer sees, whatever the prompt's length
     * @param visiting whether the encoder lives on the CPU and visits the device for each text
     */
    public static Texts load(
            TextTokenizer tokenizer,
            TextEncoderConfig config,
            TensorSource source,
            int limit,
            TorchDevice device,
            DType dtype,
            boolean visiting) {
        return load(
                tokenizer,
                config,
                source,
                TextRules.masked(limit),
                device,
                dtype,
                visiting ? Offload.TEXT : Offload.NONE);
    }

    /**
     * Loads the encoder.
     *
     * @param tokenizer closed with this, or at once if loading fails
     * @param source the encoder's weights; the caller closes it
     * @param offload {@code NONE}: it lives on the device; {@code TEXT} and {@code SWAP}: it comes
     *     for each text; {@code STREAM}: one block of it at a time
     */
    public static Texts load(
            TextTokenizer tokenizer,
            TextEncoderConfig config,
            TensorSource source,
            TextRules rules,
            TorchDevice device,
            DType dtype,
            Offload offload) {
        try {
            boolean here = offload == Offload.NONE || !device.isCuda();
            var home = here ? device : TorchDevice.cpu();
            var encoder = new TextEncoder(config, source, home, device, dtype);
            return new Texts(
                    tokenizer,
                    encoder,
                    rules,
                    config.vocabulary(),
                    device,
                    here ? Offload.NONE : offload);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * The ids of a prompt that the model sees: a prompt that is too long loses its end, but keeps
     * its last id, the end-of-sequence id.
     */
    public long[] tokens(String prompt) {
        return cut(ids(prompt));
    }

    private long[] cut(long[] ids) {
        int limit = rules.rows();
        if (ids.length <= limit) {
            return ids;
        }
        LOG.warn(
                "the prompt has {} tokens, the model sees {}: its last {} are left out",
                ids.length,
                limit,
                ids.length - limit);
        long[] shorter = Arrays.copyOf(ids, limit);
        shorter[limit - 1] = ids[ids.length - 1];
        return shorter;
    }

    private long[] ids(String prompt) {
        long[] ids = tokenizer.encode(rules.cleaned() ? PromptCleaner.clean(prompt) : prompt);
        for (long id : ids) {
            if (id >= vocabulary) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the tokenizer makes the id %d, but the text encoder's vocab_size is %d: they belong to different models"
                                .formatted(id, vocabulary));
            }
        }
        return ids;
    }

    /** The caller closes it. */
    public TextContext encode(String prompt) {
        return encode(List.of(prompt)).get(0);
    }

    /**
     * Encodes several texts while the encoder is on the device once.
     *
     * @return one a text, in their order; the caller closes them
     */
    public List<TextContext> encode(List<String> prompts) {
        var made = new ArrayList<TextContext>();
        try {
            prompts.forEach(prompt -> made.add(context(prompt)));
            return made;
        } catch (RuntimeException e) {
            made.forEach(TextContext::close);
            throw e;
        } finally {
            leave();
        }
    }

    private TextContext context(String prompt) {
        long[] all = ids(prompt);
        long[] ids = cut(all);
        // The padding's id is 0 in every T5.
        long[] seen = rules.padded() ? Arrays.copyOf(ids, rules.rows()) : ids;
        try (var scope = TensorScope.open()) {
            Tensor rows = encoded(seen).squeeze(0);
            if (!Ops.isFinite(rows)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the text encoder made rows that are not finite (NaN or infinite) of a text with %d tokens: try --precision fp32"
                                .formatted(ids.length));
            }
            rows.retainReference();
            return new TextContext(
                    rows, rules.rows() - seen.length, ids.length, all.length - ids.length);
        }
    }

    /**
     * Brings an encoder that comes for each text to the device now, where it stays until it has
     * encoded one: for somebody who waits for other weights anyway. Where there is no room for it,
     * nothing of it stays.
     */
    public void comeEarly() {
        if (offload == Offload.TEXT || offload == Offload.SWAP) {
            try {
                encoder.parameters().visit(device);
                encoder.blockWeights().forEach(block -> block.visit(device));
            } catch (RuntimeException e) {
                leave();
                throw e;
            }
        }
    }

    private Tensor encoded(long[] ids) {
        if (offload == Offload.STREAM) {
            try (var side = new SideStream(device)) {
                encoder.parameters().visit(device);
                return encoder.apply(
                        ids, BlockVisits.streaming(device, encoder.blockWeights(), side));
            }
        }
        comeEarly();
        return encoder.apply(ids);
    }

    private void leave() {
        if (offload != Offload.NONE) {
            encoder.blockWeights().forEach(Parameters::leave);
            encoder.parameters().leave();
            device.emptyCache();
        }
    }

    /**
     * Reads rows made elsewhere: a safetensors file whose one tensor, or whose tensor {@code
     * prompt_embeds}, has the shape (tokens, dim) or (1, tokens, dim).
     *
     * @param dim numbers per row
     * @param limit most rows
     */
    public static TextContext read(Path path, String name, long dim, int limit) {
        try (var file = SafetensorsFile.open(path);
                var scope = TensorScope.open()) {
            String key =
                    file.names().contains(name) || file.names().size() != 1
                            ? name
                            : file.names().iterator().next();
            Tensor rows = file.tensor(key);
            long[] shape = rows.shape();
            if (shape[shape.length - 1] != dim || rows.numel() / dim > limit || rows.numel() == 0) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "'%s' of %s has the shape %s; this model takes (tokens, %d) with 1 to %d tokens"
                                .formatted(key, path, Arrays.toString(shape), dim, limit));
            }
            if (!Ops.isFinite(rows)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "'%s' of %s holds values that are not finite (NaN or infinite)"
                                .formatted(key, path));
            }
            Tensor kept = rows.reshape(-1, dim).clone();
            kept.retainReference();
            return new TextContext(kept, limit - kept.size(0));
        }
    }

    public long bytes() {
        return encoder.bytes();
    }

    @Override
    public void close() {
        encoder.close();
        tokenizer.close();
    }
}
