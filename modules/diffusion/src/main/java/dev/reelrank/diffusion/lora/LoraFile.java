package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA: changes to tensors of one transformer, by the tensors' names in its own files.
 *
 * <p>Understood are pairs {@code lora_down}/{@code lora_up} and {@code lora_A}/{@code lora_B} with
 * an optional {@code alpha} beside them or in the header, whole differences {@code diff}, {@code
 * diff_b} (of a bias) and {@code diff_m} (of a modulation), under the module names that the
 * family's {@link LoraNaming} knows. Any other key is an error: a key that is passed over makes a
 * LoRA silently weaker.
 */
public final class LoraFile implements AutoCloseable {
    private final SafetensorsFile file;
    private final Map<String, Change> changes;

    /**
     * How a tensor is changed: {@code factor · up · down}, or by a whole difference.
     *
     * @param down key of the (rank, in) part, or of the difference
     * @param up key of the (out, rank) part, null for a difference
     * @param alpha over the rank, null for 1
     */
    public record Change(String down, @Nullable String up, @Nullable Double alpha) {}

    private LoraFile(SafetensorsFile file, Map<String, Change> changes) {
        this.file = file;
        this.changes = Collections.unmodifiableMap(changes);
    }

    public static LoraFile open(Path path, LoraNaming naming) {
        var file = SafetensorsFile.open(path);
        try {
            requireFinite(file);
            return new LoraFile(file, changes(file, naming));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void requireFinite(SafetensorsFile file) {
        for (String key : file.names()) {
            try (var scope = TensorScope.open()) {
                if (!Ops.isFinite(file.tensor(key))) {
                    throw broken(
                            file,
                            "holds values that are not finite (NaN or infinite) in '%s': download it again"
                                    .formatted(key));
                }
            }
        }
    }

    private static Map<String, Change> changes(SafetensorsFile file, LoraNaming naming) {
        var downs = new TreeMap<String, String>();
        var ups = new TreeMap<String, String>();
        var alphas = new TreeMap<String, Double>();
        var result = new LinkedHashMap<String, Change>();
        for (String key : file.names()) {
            String module = before(key, ".lora_down.weight", ".lora_A.weight");
            if (module == null) {
                module = before(key, ".lora_A.default.weight", ".lora.down.weight");
            }
            if (module != null) {
                downs.put(naming.module(module), key);
                continue;
            }
            module = before(key, ".lora_up.weight", ".lora_B.weight");
            if (module == null) {
                module = before(key, ".lora_B.default.weight", ".lora.up.weight");
            }
            if (module != null) {
                ups.put(naming.module(module), key);
            } else if (key.endsWith(".alpha")) {
                try (var scope = TensorScope.open()) {
                    alphas.put(
                            naming.module(key.substring(0, key.length() - 6)),
                            (double) Ops.floats(file.tensor(key))[0]);
                }
            } else if (key.endsWith(".diff")) {
                String target = naming.module(key.substring(0, key.length() - 5));
                result.put(target + ".weight", new Change(key, null, null));
            } else if (key.endsWith(".diff_b")) {
                String target = naming.module(key.substring(0, key.length() - 7));
                result.put(target + ".bias", new Change(key, null, null));
            } else if (key.endsWith(".diff_m")) {
                String target = naming.module(key.substring(0, key.length() - 7));
                result.put(naming.modulation(target), new Change(key, null, null));
            } else {
                throw broken(file, "has the key '" + key + "', which is of no known form");
            }
        }
        Double common = HeaderAlpha.of(file);
        for (var down : downs.entrySet()) {
            String up = ups.remove(down.getKey());
            if (up == null) {
                throw broken(file, "has '" + down.getValue() + "' without its other half");
            }
            Double own = alphas.remove(down.getKey());
            result.put(
                    down.getKey() + ".weight",
                    new Change(down.getValue(), up, own == null ? common : own));
        }
        if (!ups.isEmpty()) {
            throw broken(file, "has " + ups.values() + " without their other halves");
        }
        if (!alphas.isEmpty()) {
            throw broken(file, "has alphas of modules without LoRA: " + alphas.keySet());
        }
        return result;
    }

    private static @Nullable String before(String key, String suffix, String otherSuffix) {
        for (String s : new String[] {suffix, otherSuffix}) {
            if (key.endsWith(s)) {
                return key.substring(0, key.length() - s.length());
            }
        }
        return null;
    }

    private static StageException broken(SafetensorsFile file, String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, "the LoRA " + file.path() + " " + what);
    }

    public Path path() {
        return file.path();
    }

    /** The changed tensors. */
    public Map<String, Change> changes() {
        return changes;
    }

    public SafetensorsFile tensors() {
        return file;
    }

    @Override
    public void close() {
        file.close();
    }
}
