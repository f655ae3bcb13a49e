package dev.reelrank.alignment.adapter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One network's adapter in a folder as PEFT's {@code save_pretrained} writes it: {@code
 * adapter_config.json} and {@code adapter_model.safetensors}.
 */
public final class PeftAdapter {
    private static final String CONFIG = "adapter_config.json";
    private static final String MODEL = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private PeftAdapter() {}

    /**
     * Writes an adapter; equal adapters give equal bytes.
     *
     * @param folder is made if it is not there
     * @param baseClass the class of the base in Python, for example {@code WanTransformer3DModel};
     *     null to leave it open
     */
    public static void write(Path folder, NetworkAdapter adapter, @Nullable String baseClass) {
        var tensors = new LinkedHashMap<String, Tensor>();
        new TreeMap<>(adapter.tensors()).forEach((name, v) -> tensors.put(PREFIX + name, v));
        try {
            Files.createDirectories(folder);
            JSON.writeValue(folder.resolve(CONFIG).toFile(), PeftConfig.of(adapter, baseClass));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the adapter to " + folder + ": " + e.getMessage(),
                    e);
        }
        SafetensorsWriter.write(folder.resolve(MODEL), tensors, Map.of("format", "pt"));
    }

    /**
     * Reads an adapter; its tensors are float32 and belong to the open scope.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming what does not fit
     */
    public static NetworkAdapter read(Path folder) {
        Path config = folder.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new StageException(FailureCode.MODEL_MISSING, "no " + CONFIG + " in " + folder);
        }
        PeftConfig.Scale scale;
        try {
            scale = PeftConfig.read(JSON.readTree(config.toFile()), folder);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, config + " cannot be read: " + e.getMessage(), e);
        }
        try (var stored = SafetensorsFile.open(folder.resolve(MODEL))) {
            var tensors = new LinkedHashMap<String, Tensor>();
            for (String name : stored.names()) {
                if (!name.startsWith(PREFIX)) {
                    throw NetworkAdapter.mismatch(
                            folder,
                            "has '%s', which does not begin with %s".formatted(name, PREFIX));
                }
                tensors.put(
                        name.substring(PREFIX.length()),
                        Ops.to(stored.tensor(name), DType.FLOAT32).clone());
            }
            return new NetworkAdapter(scale.rank(), scale.alpha(), tensors).checked(folder);
        }
    }
}
