package dev.reelrank.animatediff;

import dev.reelrank.diffusion.RenamedTensors;
import dev.reelrank.torch.TensorSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Names of older files, which say the same with other words. */
final class StoredNames {
    /** In the autoencoder's attention; from files of before diffusers 0.12. */
    private static final Map<String, String> ATTENTION =
            Map.of(
                    ".query.", ".to_q.",
                    ".key.", ".to_k.",
                    ".value.", ".to_v.",
                    ".proj_attn.", ".to_out.0.");

    private StoredNames() {}

    /** An autoencoder's tensors under the names of today. */
    static TensorSource vae(TensorSource file) {
        return renamed(
                file,
                name -> {
                    String now = name;
                    if (name.contains(".attentions.")) {
                        for (var entry : ATTENTION.entrySet()) {
                            now = now.replace(entry.getKey(), entry.getValue());
                        }
                    }
                    return now;
                });
    }

    /** Motion modules under the names of diffusers, also from AnimateDiff's original files. */
    static TensorSource motion(TensorSource file) {
        return renamed(file, StoredNames::motion);
    }

    /** A name of AnimateDiff's original code, in that of diffusers; others stay as they are. */
    static String motion(String name) {
        return name.replace(".temporal_transformer", "")
                .replace(".attention_blocks.0", ".attn1")
                .replace(".attention_blocks.1", ".attn2")
                .replace(".attn1.pos_encoder.pe", ".pos_embed.pe")
                .replace(".attn2.pos_encoder.pe", ".pos_embed.pe")
                .replace(".norms.0", ".norm1")
                .replace(".norms.1", ".norm2")
                .replace(".ff_norm", ".norm3");
    }

    private static TensorSource renamed(TensorSource file, UnaryOperator<String> rename) {
        var stored = new LinkedHashMap<String, String>();
        boolean other = false;
        for (String name : file.names()) {
            String now = rename.apply(name);
            other |= !now.equals(name);
            stored.put(now, name);
        }
        return other ? new RenamedTensors(file, stored) : file;
    }
}
