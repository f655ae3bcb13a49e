package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.RequestRules;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.text.Texts;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Encodes what a sample says: its texts and its image. */
final class Conditions {
    private final WanSnapshot snapshot;
    private final LoadSettings settings;
    private final TorchDevice device;
    private final Texts texts;
    private final Vae vae;
    private boolean warnedUnusedNegative;

    Conditions(
            WanSnapshot snapshot, LoadSettings settings, TorchDevice device, Texts texts, Vae vae) {
        this.snapshot = snapshot;
        this.settings = settings;
        this.device = device;
        this.texts = texts;
        this.vae = vae;
    }

    /** See {@link dev.reelrank.diffusion.Generator#condition}. */
    WanConditioning of(GenerationSettings asked, PromptInput prompt, @Nullable RgbImage image) {
        RequestRules.checkPrompt(prompt);
        var options = snapshot.options();
        options.check(asked);
        var wanted = snapshot.complete(asked);
        options.checkImage(image != null);
        long begin = System.nanoTime();
        boolean guided = guided(wanted);
        if (!warnedUnusedNegative) {
            RequestRules.checkNegativePrompt(wanted, guided);
            warnedUnusedNegative = !guided && !wanted.negativePrompt().isBlank();
        }
        var encodedTexts = encode(prompt, guided ? wanted.negativePrompt() : null);
        TextContext positive = encodedTexts.get(0);
        TextContext negative = guided ? encodedTexts.get(1) : null;
        try {
            long told = System.nanoTime();
            Tensor encoded = image == null ? null : encodeImage(wanted, image);
            var timings = new LinkedHashMap<String, Long>();
            timings.put("text", (told - begin) / 1_000_000);
            if (encoded != null) {
                timings.put("image", (System.nanoTime() - told) / 1_000_000);
            }
            return new WanConditioning(
                    wanted, positive, negative, encoded, snapshot.givenFirstFrame(), timings);
        } catch (RuntimeException e) {
            positive.close();
            if (negative != null) {
                negative.close();
            }
            throw e;
        }
    }

    /** The prompt's, then the negative prompt's, if there is one. */
    private List<TextContext> encode(PromptInput prompt, @Nullable String negative) {
        var words = new ArrayList<String>();
        if (prompt instanceof PromptInput.Text text) {
            words.add(text.text());
        }
        if (negative != null) {
            words.add(negative);
        }
        var encoded = new ArrayList<>(texts.encode(words));
        if (prompt instanceof PromptInput.Embeds embeds) {
            try {
                encoded.add(
                        0,
                        Texts.read(
                                embeds.file(),
                                "prompt_embeds",
                                snapshot.transformer().textDim(),
                                WanSnapshot.TEXT_ROWS));
            } catch (RuntimeException e) {
                encoded.forEach(TextContext::close);
                throw e;
            }
        }
        return encoded;
    }

    /** Whether a negative prompt has an effect. */
    private boolean guided(GenerationSettings wanted) {
        return wanted.guidance() > 1
                || (snapshot.twoExperts() && wanted.parameter(WanSnapshot.GUIDANCE_LOW) > 1);
    }

    private Tensor encodeImage(GenerationSettings wanted, RgbImage image) {
        try (var scope = TensorScope.open()) {
            Tensor encoded =
                    snapshot.givenFirstFrame()
                            ? ImageCondition.first(
                                    vae, image, wanted.width(), wanted.height(), settings.tiling())
                            : ImageCondition.encode(
                                    vae,
                                    snapshot.vae().temporalFactor(),
                                    image,
                                    wanted.frames(),
                                    wanted.width(),
                                    wanted.height(),
                                    settings.tiling());
            encoded.retainReference();
            return encoded;
        } finally {
            device.emptyLargeCache();
        }
    }
}
