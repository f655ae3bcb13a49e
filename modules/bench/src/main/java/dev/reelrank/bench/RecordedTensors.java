package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Random tensors that remember what was asked for, so that a checkpoint of the same can be written.
 */
final class RecordedTensors implements TensorSource {
    private static final long SHARD = 4L << 30;

    private final RandomTensors random;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    RecordedTensors(double deviation) {
        random = new RandomTensors(deviation);
    }

    @Override
    public Set<String> names() {
        return random.names();
    }

    @Override
    public boolean has(String name) {
        return random.has(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        shapes.put(name, shape.clone());
        return random.read(name, device, dtype, shape);
    }

    @Override
    public String location() {
        return random.location();
    }

    @Override
    public void close() {
        random.close();
    }

    /** Writes a checkpoint with these names and shapes in bfloat16, in shards, all zeros. */
    void write(Path folder) {
        var weightMap = new LinkedHashMap<String, String>();
        var shard = new LinkedHashMap<String, long[]>();
        long bytes = 0;
        for (var entry : shapes.entrySet()) {
            var size = 2 * Arrays.stream(entry.getValue()).reduce(1, Math::multiplyExact);
            if (bytes + size > SHARD && !shard.isEmpty()) {
                write(folder, shard, weightMap);
                bytes = 0;
            }
            shard.put(entry.getKey(), entry.getValue());
            bytes += size;
        }
        write(folder, shard, weightMap);
        try {
            Files.write(
                    folder.resolve("model.safetensors.index.json"),
                    new ObjectMapper().writeValueAsBytes(Map.of("weight_map", weightMap)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the index in " + folder, e);
        }
    }

    private static void write(
            Path folder, Map<String, long[]> shard, Map<String, String> weightMap) {
        var name =
                "model-%05d.safetensors"
                        .formatted(weightMap.values().stream().distinct().count() + 1);
        try (var scope = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            shard.forEach(
                    (tensor, shape) ->
                            tensors.put(
                                    tensor, Ops.zeros(TorchDevice.cpu(), DType.BFLOAT16, shape)));
            SafetensorsWriter.write(folder.resolve(name), tensors, Map.of("format", "pt"));
        }
        shard.keySet().forEach(tensor -> weightMap.put(tensor, name));
        shard.clear();
    }
}
