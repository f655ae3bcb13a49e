package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorInfo;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a LoRA file changes in one part of a model, by the tensors' names in the model's own files.
 *
 * <p>Understood are pairs {@code lora_down}/{@code lora_up} and {@code lora_A}/{@code lora_B} with
 * an optional bias of the second, scaled by {@code alpha} or by PEFT's configuration ({@link
 * PeftSettings}); whole differences {@code diff}, {@code diff_b} (of a bias) and {@code diff_m} (of
 * a modulation); all under the names that the family's {@link LoraNaming} knows. Any other key is
 * an error: a key that is passed over makes a LoRA silently weaker.
 */
public final class LoraFile implements AutoCloseable {
    private static final List<String> DOWN =
            List.of(
                    ".lora_down.weight",
                    ".lora_A.weight",
                    ".lora_A.default.weight",
                    ".lora.down.weight",
                    "_lora.down.weight");
    private static final List<String> UP =
            List.of(
                    ".lora_up.weight",
                    ".lora_B.weight",
                    ".lora_B.default.weight",
                    ".lora.up.weight",
                    "_lora.up.weight");
    private static final List<String> UP_BIAS = List.of(".lora_B.bias", ".lora_B.default.bias");
    private static final List<String> DORA =
            List.of(".dora_scale", ".lora_magnitude_vector", ".lora_magnitude_vector.weight");

    private final SafetensorsFile file;
    private final Map<String, Change> changes;
    private final int effective;

    /**
     * How a tensor is changed: by {@code scale · up · down}, or by {@code scale · down}, a whole
     * difference.
     *
     * @param down key of the (rank, in) part, or of the difference
     * @param up key of the (out, rank) part, null for a difference
     * @param scale alpha over the rank; 1 for a difference
     */
    public record Change(String down, @Nullable String up, double scale) {}

    /** A module of the file: what its keys begin with, and its name in the model. */
    private record Module(@Nullable String component, String bare, String name) {}

    private LoraFile(SafetensorsFile file, Map<String, Change> changes, int effective) {
        this.file = file;
        this.changes = Collections.unmodifiableMap(changes);
        this.effective = effective;
    }

    /**
     * Opens a file for one part of a model.
     *
     * @param part one of {@link LoraNaming#parts()}
     * @param named whether the file's name, and not its keys, says that it is for this part
     * @throws StageException MODEL_MISMATCH for a key that is of no known form, one without its
     *     other half, shapes that are none of a LoRA, values that are not finite, and a file that
     *     changes nothing of this part
     */
    public static LoraFile open(Path path, LoraNaming naming, String part, boolean named) {
        var file = SafetensorsFile.open(path);
        try {
            var reading = new Reading(file, naming, part, named);
            var changes = reading.changes();
            if (changes.isEmpty()) {
                throw broken(file, "changes nothing of the part '" + part + "'");
            }
            int effective = (int) changes.values().stream().filter(reading::isEffective).count();
            if (effective == 0) {
                throw broken(
                        file,
                        "changes nothing of the part '%s': all its changes are zero"
                                .formatted(part));
            }
            return new LoraFile(file, changes, effective);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static StageException broken(SafetensorsFile file, String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, "the LoRA " + file.path() + " " + what);
    }

    private static @Nullable String before(String key, List<String> suffixes) {
        for (String suffix : suffixes) {
            if (key.endsWith(suffix)) {
                return key.substring(0, key.length() - suffix.length());
            }
        }
        return null;
    }

    /** Reads the keys of one part. */
    private static final class Reading {
        private final SafetensorsFile file;
        private final LoraNaming naming;
        private final String part;
        private final boolean named;
        private final Optional<PeftSettings> peft;
        private final Map<String, String> downs = new TreeMap<>();
        private final Map<String, String> ups = new TreeMap<>();
        private final Map<String, String> biases = new TreeMap<>();
        private final Map<String, Double> alphas = new TreeMap<>();
        private final Map<String, Module> modules = new TreeMap<>();
        private final Map<String, Change> result = new LinkedHashMap<>();
        private final Set<String> zero = new HashSet<>();

        Reading(SafetensorsFile file, LoraNaming naming, String part, boolean named) {
            this.file = file;
            this.naming = naming;
            this.part = part;
            this.named = named;
            this.peft = PeftSettings.of(file);
        }

        Map<String, Change> changes() {
            for (String key : file.names()) {
                if (isOurs(key)) {
                    checkValues(key);
                    take(key);
                }
            }
            downs.forEach(this::pair);
            if (!ups.isEmpty()) {
                throw broken(file, "has " + ups.values() + " without their other halves");
            }
            if (!biases.isEmpty()) {
                throw broken(file, "has " + biases.values() + " without weights");
            }
            if (!alphas.isEmpty()) {
                throw broken(file, "has alphas of modules without LoRA: " + alphas.keySet());
            }
            return result;
        }

        /** A key without a component is for every part; one with a component for its own. */
        private boolean isOurs(String key) {
            var component = naming.component(key);
            if (component.isEmpty()) {
                return true;
            }
            String own = naming.part(component.get());
            if (!named) {
                return own.equals(part);
            }
            // A file of the first component only may be meant for another part by its name.
            if (!own.equals(part) && !own.equals(naming.parts().get(0))) {
                throw broken(
                        file,
                        "is for '%s' by its name, but its key '%s' is for '%s'"
                                .formatted(part, key, own));
            }
            return true;
        }

        boolean isEffective(Change change) {
            return change.scale() != 0
                    && !zero.contains(change.down())
                    && (change.up() == null || !zero.contains(change.up()));
        }

        private void checkValues(String key) {
            TensorInfo info = Objects.requireNonNull(file.tensors().get(key));
            boolean alpha = key.endsWith(".alpha");
            if (info.elements() == 0 || (alpha && info.elements() != 1)) {
                throw broken(
                        file,
                        "has '%s' of the shape %s, which %s"
                                .formatted(
                                        key,
                                        Arrays.toString(info.shape()),
                                        alpha ? "is no single number" : "holds no number"));
            }
            if (!alpha && !info.dtype().isFloating()) {
                throw broken(
                        file,
                        "has '%s' of type %s, which is no type of weights"
                                .formatted(key, info.dtype()));
            }
            try (var scope = TensorScope.open()) {
                if (!Ops.isFinite(file.tensor(key))) {
                    throw broken(
                            file,
                            "holds values that are not finite (NaN or infinite) in '%s': download it again"
                                    .formatted(key));
                }
                Tensor values = Ops.to(file.tensor(key), DType.FLOAT32);
                if (values.abs().max().item_double() == 0) {
                    zero.add(key);
                }
            }
        }

        private void take(String key) {
            String name = before(key, DORA);
            if (name != null) {
                throw broken(
                        file,
                        "is a DoRA ('%s'), which scales whole rows: merge it into the weights with PEFT first"
                                .formatted(key));
            }
            if ((name = before(key, DOWN)) != null) {
                put(downs, name, key);
            } else if ((name = before(key, UP)) != null) {
                put(ups, name, key);
            } else if ((name = before(key, UP_BIAS)) != null) {
                put(biases, name, key);
            } else if ((name = before(key, List.of(".alpha"))) != null) {
                try (var scope = TensorScope.open()) {
                    alphas.put(module(name, key).name(), (double) Ops.floats(file.tensor(key))[0]);
                }
            } else if ((name = before(key, List.of(".diff"))) != null) {
                add(module(name, key).name() + ".weight", new Change(key, null, 1));
            } else if ((name = before(key, List.of(".diff_b"))) != null) {
                add(module(name, key).name() + ".bias", new Change(key, null, 1));
            } else if ((name = before(key, List.of(".diff_m"))) != null) {
                add(naming.modulation(module(name, key).name()), new Change(key, null, 1));
            } else {
                throw broken(file, "has the key '" + key + "', whose form is unknown");
            }
        }

        private Module module(String name, String key) {
            naming.refusal(name)
                    .ifPresent(
                            reason -> {
                                throw broken(file, "has the key '" + key + "': " + reason);
                            });
            var module =
                    new Module(
                            naming.component(name).orElse(null),
                            naming.bare(name),
                            naming.module(name));
            modules.put(module.name(), module);
            return module;
        }

        private void put(Map<String, String> halves, String name, String key) {
            String module = module(name, key).name();
            String other = halves.put(module, key);
            if (other != null) {
                throw broken(file, "has both '%s' and '%s' for one layer".formatted(other, key));
            }
        }

        private void add(String tensor, Change change) {
            var other = result.put(tensor, change);
            if (other != null) {
                throw broken(
                        file,
                        "has both '%s' and '%s' for one tensor"
                                .formatted(other.down(), change.down()));
            }
        }

        private void pair(String module, String down) {
            String up = ups.remove(module);
            if (up == null) {
                throw broken(file, "has '" + down + "' without its other half");
            }
            requirePair(down, up);
            double scale =
                    scale(module, Objects.requireNonNull(file.tensors().get(down)).shape()[0]);
            add(module + ".weight", new Change(down, up, scale));
            String bias = biases.remove(module);
            if (bias != null) {
                add(module + ".bias", new Change(bias, null, scale));
            }
        }

        /** Shapes (rank, in …) and (out, rank …): both have at least two lengths. */
        private void requirePair(String down, String up) {
            long[] a = Objects.requireNonNull(file.tensors().get(down)).shape();
            long[] b = Objects.requireNonNull(file.tensors().get(up)).shape();
            if (a.length < 2 || b.length < 2 || b[1] != a[0]) {
                throw broken(
                        file,
                        "has '%s' %s and '%s' %s, which share no rank"
                                .formatted(down, Arrays.toString(a), up, Arrays.toString(b)));
            }
        }

        /** By an alpha among the tensors, else by PEFT's configuration, else 1. */
        private double scale(String module, long rank) {
            Double alpha = alphas.remove(module);
            if (alpha != null) {
                return alpha / rank;
            }
            Module from = Objects.requireNonNull(modules.get(module));
            return peft.flatMap(p -> p.scale(from.component(), from.bare(), rank)).orElse(1.0);
        }
    }

    public Path path() {
        return file.path();
    }

    /** How many tensors are changed by anything but zeros; at least 1. */
    public int effective() {
        return effective;
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
