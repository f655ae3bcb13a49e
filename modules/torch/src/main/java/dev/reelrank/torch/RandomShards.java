package dev.reelrank.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Random weights that are also written to shards with an index, as a model asks for them: makes a
 * checkpoint of any architecture, for measuring how long one takes to load.
 */
public final class RandomShards implements TensorSource {
    private final TensorSource random;
    private final Path folder;
    private final String name;
    private final long shardBytes;
    private final Map<String, Tensor> shard = new LinkedHashMap<>();
    private final ObjectNode index = new ObjectMapper().createObjectNode();
    private final ObjectNode places = index.putObject("weight_map");
    private int shards;
    private long bytes;

    /**
     * @param folder exists
     * @param name of the files, before {@code -00001.safetensors}
     * @param shardBytes a shard ends when it has as many
     */
    public RandomShards(Path folder, String name, double deviation, long shardBytes) {
        this(folder, name, new RandomTensors(deviation), shardBytes);
    }

    /** The same with the tensors of a source, which this then owns. */
    public RandomShards(Path folder, String name, TensorSource random, long shardBytes) {
        this.random = random;
        this.folder = folder;
        this.name = name;
        this.shardBytes = shardBytes;
    }

    @Override
    public Set<String> names() {
        return Set.of();
    }

    @Override
    public boolean has(String tensor) {
        return random.has(tensor);
    }

    @Override
    public Tensor read(String tensor, TorchDevice device, DType dtype, long... shape) {
        Tensor values = random.read(tensor, device, dtype, shape);
        // A tensor of its own: the model may hold and change the other.
        shard.put(tensor, TensorScope.outlive(new Tensor(values)));
        places.put(tensor, file());
        bytes += values.nbytes();
        if (bytes >= shardBytes) {
            flush();
        }
        return values;
    }

    private String file() {
        return "%s-%05d.safetensors".formatted(name, shards + 1);
    }

    private void flush() {
        if (shard.isEmpty()) {
            return;
        }
        SafetensorsWriter.write(folder.resolve(file()), shard, Map.of("format", "pt"));
        shard.values().forEach(Tensor::releaseReference);
        shard.clear();
        bytes = 0;
        shards++;
    }

    @Override
    public String location() {
        return folder.toString();
    }

    /** Writes what is left and the index. */
    @Override
    public void close() {
        flush();
        random.close();
        try {
            new ObjectMapper()
                    .writeValue(folder.resolve(name + ".safetensors.index.json").toFile(), index);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the index in " + folder, e);
        }
    }
}
