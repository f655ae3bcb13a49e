package dev.reelrank.bench.wan;

import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.RepeatableTensors;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.wan.Distillation;
import dev.reelrank.wan.TransformerConfig;
import dev.reelrank.wan.VaeConfig;
import dev.reelrank.wan.WanParts;
import dev.reelrank.wan.WanSnapshot;
import java.util.function.Supplier;

/** Model dimensions for benchmarks. */
public enum Architecture {
    /** Wan2.2-I2V-A14B as published. */
    A14B(
            TransformerConfig.a14b(true),
            VaeConfig.published(),
            TextEncoderConfig.xxl(),
            14_288_901_184L,
            5_680_910_336L),
    /** The same with TurboWan's sparse-linear attention. */
    TURBO(
            new TransformerConfig(
                    40,
                    40,
                    128,
                    13824,
                    36,
                    16,
                    new int[] {1, 2, 2},
                    4096,
                    256,
                    1e-6,
                    true,
                    1024,
                    Distillation.SPARSE_LINEAR),
            VaeConfig.published(),
            TextEncoderConfig.xxl(),
            14_289_561_664L,
            5_680_910_336L),
    /** The small weights that come with the project. */
    TESTBED(
            new TransformerConfig(
                    8, 6, 64, 1152, 36, 16, new int[] {1, 2, 2}, 256, 256, 1e-6, true, 128),
            new VaeConfig(
                    24,
                    24,
                    16,
                    new long[] {1, 2, 4, 4},
                    2,
                    new boolean[] {false, true, true},
                    VaeConfig.published().mean(),
                    VaeConfig.published().deviation()),
            new TextEncoderConfig(564, 256, 64, 4, 512, 4, 32, 128, 1e-6),
            18_049_984L,
            2_768_640L),
    /** Some million parameters, to try the benchmark itself. */
    TINY(
            new TransformerConfig(
                    4, 4, 64, 1024, 36, 16, new int[] {1, 2, 2}, 256, 256, 1e-6, true, 1024),
            new VaeConfig(
                    16,
                    16,
                    16,
                    new long[] {1, 2, 4, 4},
                    1,
                    new boolean[] {false, true, true},
                    VaeConfig.published().mean(),
                    VaeConfig.published().deviation()),
            new TextEncoderConfig(512, 256, 32, 8, 512, 4, 32, 128, 1e-6),
            4_931_904L,
            2_755_840L);

    final TransformerConfig transformer;
    final VaeConfig vae;
    final TextEncoderConfig text;
    final long transformerParameters;
    final long textParameters;

    Architecture(
            TransformerConfig transformer,
            VaeConfig vae,
            TextEncoderConfig text,
            long transformerParameters,
            long textParameters) {
        this.transformer = transformer;
        this.vae = vae;
        this.text = text;
        this.transformerParameters = transformerParameters;
        this.textParameters = textParameters;
    }

    /** This architecture with random weights, which are made where they are needed. */
    public WanSnapshot snapshot() {
        return WanSnapshot.of(
                "random weights",
                transformer,
                vae,
                text,
                new MadeParts(this, () -> new RandomTensors(WanProbe.DEVIATION)));
    }

    /** The same with weights that are equal each time, for comparing two computations. */
    public WanSnapshot repeatable() {
        return WanSnapshot.of(
                "weights drawn from their names",
                transformer,
                vae,
                text,
                new MadeParts(this, RepeatableTensors::new));
    }

    /** Channels of the latents. */
    public long latentChannels() {
        return vae.latentChannels();
    }

    /** Channels that an image adds to the latents. */
    public long imageChannels() {
        return transformer.inChannels() - vae.latentChannels();
    }

    /** The number of latent frames for a number of frames. */
    public int latentFrames(int frames) {
        return (frames - 1) / vae.temporalFactor() + 1;
    }

    /** Pixels of a side that one latent stands for. */
    public int spatialFactor() {
        return vae.spatialFactor();
    }

    /** Width of the encoded text. */
    public long textDim() {
        return transformer.textDim();
    }

    private record MadeParts(Architecture architecture, Supplier<TensorSource> weights)
            implements WanParts {
        @Override
        public TensorSource open(String part) {
            return weights.get();
        }

        @Override
        public long parameters(String part) {
            return part.equals("text_encoder")
                    ? architecture.textParameters
                    : architecture.transformerParameters;
        }

        @Override
        public TextTokenizer tokenizer() {
            return TextTokenizer.ofCharacters(architecture.text.vocabulary());
        }
    }
}
