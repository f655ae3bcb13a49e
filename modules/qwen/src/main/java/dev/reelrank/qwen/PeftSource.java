package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The state of a model that PEFT wrapped, as its base model would have it: names without the
 * wrapping, and every adapted weight with its LoRA merged in float32, {@code W + alpha / r · B ·
 * A}.
 */
final class PeftSource implements TensorSource {
    private static final String DOWN = ".lora_A.default.weight";
    private static final String UP = ".lora_B.default.weight";

    private final Checkpoint checkpoint;
    private final double alpha;

    /** Names of the base model and what they are stored as. */
    private final Map<String, String> stored = new LinkedHashMap<>();

    /** Stored names of the two halves of a LoRA, by the name of the weight that they change. */
    private final Map<String, String> loras = new LinkedHashMap<>();

    /**
     * @param alpha of the LoRAs; their rank is that of the tensors
     */
    PeftSource(Checkpoint checkpoint, double alpha) {
        this.checkpoint = checkpoint;
        this.alpha = alpha;
        for (String name : checkpoint.names()) {
            if (name.endsWith(DOWN)) {
                String module = name.substring(0, name.length() - DOWN.length());
                loras.put(plain(module) + ".weight", module);
            } else if (!name.endsWith(UP) && !name.contains(".original_module.")) {
                stored.put(plain(name), name);
            }
        }
    }

    /** Whichever version of transformers and PEFT wrote it. */
    private static String plain(String name) {
        return name.replaceFirst("^base_model\\.model\\.", "")
                .replace(".base_layer.", ".")
                .replace(".modules_to_save.default.", ".")
                .replaceFirst("^model\\.visual\\.", "visual.")
                .replaceFirst("^model\\.language_model\\.", "model.");
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(stored.keySet());
    }

    @Override
    public boolean has(String name) {
        return stored.containsKey(name);
    }

    /**
     * The shape of a tensor.
     *
     * @throws StageException MODEL_MISMATCH if there is none of this name
     */
    long[] shape(String name) {
        return checkpoint.info(required(name)).shape();
    }

    private String required(String name) {
        String at = stored.get(name);
        if (at == null) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, location() + " has no tensor '" + name + "'");
        }
        return at;
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        String at = required(name);
        String lora = loras.get(name);
        if (lora == null) {
            return checkpoint.read(at, device, dtype, shape);
        }
        return TensorScope.compute(
                () -> {
                    long rank = checkpoint.info(lora + DOWN).shape()[0];
                    Tensor weight = checkpoint.read(at, device, DType.FLOAT32, shape);
                    Tensor down =
                            checkpoint.read(lora + DOWN, device, DType.FLOAT32, rank, shape[1]);
                    Tensor up = checkpoint.read(lora + UP, device, DType.FLOAT32, shape[0], rank);
                    Tensor change = up.matmul(down).mul(new Scalar(alpha / rank));
                    return Ops.to(weight.add(change), dtype);
                });
    }

    @Override
    public String location() {
        return checkpoint.location();
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
