package dev.reelrank.wan;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RepeatableTensors;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Folders as TurboDiffusion publishes them once converted, with the weights of make_turbo.py. */
final class TurboFiles {
    static final long DIM = 128;
    static final long FFN = 192;
    private static final long TEXT = 32;
    private static final Path COMFY = Fixtures.ROOT.resolve("fidelity/comfy");

    private TurboFiles() {}

    /** A configuration of a candidate; null for the model's own. */
    static CandidateConfig config(
            @Nullable Integer steps, @Nullable String scheduler, Map<String, Double> numbers) {
        return new CandidateConfig(
                null,
                List.of(1L),
                steps,
                null,
                null,
                "area",
                null,
                null,
                null,
                "",
                scheduler,
                null,
                null,
                numbers,
                null,
                "auto",
                "auto",
                "h264",
                18);
    }

    /** Two quantized experts that begin with an image. */
    static Path imageToVideo(Path folder) {
        Path model = others(folder);
        write(model, "TurboWan2.2-I2V-A14B-high-720P-quant", "high.", 36, true);
        write(model, "TurboWan2.2-I2V-A14B-low-720P-quant", "low.", 36, true);
        return model;
    }

    /** One expert in float32, from text. */
    static Path textToVideo(Path folder) {
        Path model = others(folder);
        write(model, "TurboWan2.1-T2V-1.3B-480P", "only.", 16, false);
        return model;
    }

    static Path expert(Path model, String name) {
        return model.resolve("diffusion_models").resolve(name + ".safetensors");
    }

    private static Path others(Path folder) {
        try {
            Files.createDirectories(folder.resolve("diffusion_models"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String part : new String[] {"text_encoders", "vae"}) {
            Fixtures.copy(COMFY.resolve(part), folder.resolve(part));
        }
        Fixtures.copy(Fixtures.I2V.resolve("tokenizer"), folder.resolve("tokenizer"));
        return folder;
    }

    private static void write(
            Path model, String name, String part, long channels, boolean quantized) {
        try (var scope = TensorScope.open()) {
            var drawn = new Drawn(part, quantized);
            drawn.linear("patch_embedding", DIM, channels * 4);
            drawn.linear("time_embedding.0", DIM, 32);
            drawn.linear("time_embedding.2", DIM, DIM);
            drawn.linear("time_projection.1", 6 * DIM, DIM);
            drawn.linear("text_embedding.0", DIM, TEXT);
            drawn.linear("text_embedding.2", DIM, DIM);
            for (int i = 0; i < 2; i++) {
                String block = "blocks." + i + ".";
                drawn.plain(block + "modulation", 1, 6, DIM);
                for (String attention : new String[] {"self_attn.", "cross_attn."}) {
                    for (String layer : new String[] {"q", "k", "v", "o"}) {
                        drawn.linear(block + attention + layer, DIM, DIM);
                    }
                    drawn.plain(block + attention + "norm_q.weight", DIM);
                    drawn.plain(block + attention + "norm_k.weight", DIM);
                }
                drawn.linear(block + "self_attn.attn_op.local_attn.proj_l", DIM, DIM);
                drawn.plain(block + "norm3.weight", DIM);
                drawn.plain(block + "norm3.bias", DIM);
                drawn.linear(block + "ffn.0", FFN, DIM);
                drawn.linear(block + "ffn.2", DIM, FFN);
            }
            drawn.plain("head.modulation", 1, 2, DIM);
            drawn.linear("head.head", 64, DIM);
            SafetensorsWriter.write(expert(model, name), drawn.tensors, Map.of());
        }
    }

    /** Weights drawn from their names. */
    private record Drawn(String part, boolean quantized, Map<String, Tensor> tensors) {
        Drawn(String part, boolean quantized) {
            this(part, quantized, new LinkedHashMap<>());
        }

        void plain(String name, long... shape) {
            tensors.put(
                    name,
                    new RepeatableTensors()
                            .read(part + name, TorchDevice.cpu(), DType.FLOAT32, shape));
        }

        void linear(String name, long out, long in) {
            plain(name + ".bias", out);
            if (!quantized || !name.startsWith("blocks") || name.endsWith("proj_l")) {
                plain(name + ".weight", out, in);
                return;
            }
            Tensor values = Ops.mul(normal(name + ".int8_weight", out, in), 40).round();
            tensors.put(
                    name + ".int8_weight",
                    Ops.to(
                            values.clamp(
                                    new ScalarOptional(new Scalar(-127)),
                                    new ScalarOptional(new Scalar(127))),
                            DType.INT8));
            Tensor scale = normal(name + ".scale", (out + 127) / 128, (in + 127) / 128).abs();
            tensors.put(name + ".scale", Ops.add(Ops.mul(scale, 0.002), 0.001));
        }

        private Tensor normal(String name, long... shape) {
            return Noise.normal((part + name).hashCode() & 0xffffL, shape);
        }
    }
}
