package dev.reelrank.alignment.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * One network's adapter in a safetensors file as diffusers' {@code save_lora_weights} writes it:
 * keys {@code PREFIX.LAYER.lora_A.weight}, and rank and alpha in the header. A generator with two
 * experts has one file per expert, both with the prefix {@code transformer}; diffusers loads the
 * second by {@code load_into_transformer_2}.
 */
public final class DiffusersAdapter {
    /** Diffusers' own name of such a file. */
    public static final String FILE = "pytorch_lora_weights.safetensors";

    private static final String METADATA = "lora_adapter_metadata";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TRANSFORMER = "transformer";
    private static final String UNET = "unet";

    private DiffusersAdapter() {}

    /**
     * What diffusers calls a network in the keys of its files: every expert is a {@code
     * transformer}, and Stable Diffusion has a {@code unet}.
     *
     * @param network by its folder
     */
    public static String prefix(String network) {
        return network.equals(UNET) ? UNET : TRANSFORMER;
    }

    /**
     * Writes an adapter; equal adapters give equal bytes.
     *
     * @param prefix what diffusers calls the network: {@code transformer} or {@code unet}
     */
    public static void write(Path file, String prefix, NetworkAdapter adapter) {
        var tensors = new LinkedHashMap<String, Tensor>();
        new TreeMap<>(adapter.tensors()).forEach((k, v) -> tensors.put(prefix + "." + k, v));
        ObjectNode prefixed = JSON.createObjectNode();
        PeftConfig.of(adapter, null)
                .properties()
                .forEach(e -> prefixed.set(prefix + "." + e.getKey(), e.getValue()));
        var header = new LinkedHashMap<String, String>();
        header.put("format", "pt");
        header.put(METADATA, prefixed.toString());
        SafetensorsWriter.write(file, tensors, header);
    }

    /**
     * Reads an adapter; its tensors are float32 and belong to the open scope.
     *
     * @param prefix as for {@link #write}
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming what does not fit
     */
    public static NetworkAdapter read(Path file, String prefix) {
        try (var stored = SafetensorsFile.open(file)) {
            var tensors = new LinkedHashMap<String, Tensor>();
            for (String name : stored.names()) {
                if (!name.startsWith(prefix + ".")) {
                    throw NetworkAdapter.mismatch(
                            file, "has '%s', which is of no %s".formatted(name, prefix));
                }
                tensors.put(
                        name.substring(prefix.length() + 1),
                        Ops.to(stored.tensor(name), DType.FLOAT32).clone());
            }
            int rank = rank(tensors);
            String text = stored.metadata().get(METADATA);
            // Without it diffusers takes alpha to be the rank.
            var scale =
                    text == null
                            ? new PeftConfig.Scale(rank, rank)
                            : PeftConfig.read(unprefixed(text, prefix, file), file);
            return new NetworkAdapter(scale.rank(), scale.alpha(), tensors).checked(file);
        }
    }

    private static int rank(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .filter(e -> e.getKey().endsWith(NetworkAdapter.DOWN))
                .map(e -> (int) e.getValue().size(0))
                .findFirst()
                .orElse(0);
    }

    private static JsonNode unprefixed(String text, String prefix, Path file) {
        try {
            ObjectNode plain = JSON.createObjectNode();
            for (var entry : JSON.readTree(text).properties()) {
                if (entry.getKey().startsWith(prefix + ".")) {
                    plain.set(entry.getKey().substring(prefix.length() + 1), entry.getValue());
                }
            }
            return plain;
        } catch (JsonProcessingException e) {
            throw NetworkAdapter.mismatch(file, "has a header that is no JSON: " + e.getMessage());
        }
    }
}
