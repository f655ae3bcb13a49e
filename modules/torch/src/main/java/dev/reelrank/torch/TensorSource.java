package dev.reelrank.torch;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Where named tensors come from: a checkpoint, a checkpoint with LoRAs merged into it, random
 * numbers.
 */
public interface TensorSource extends AutoCloseable {
    /** Names of every tensor there is; a source that makes tensors on demand returns none. */
    Set<String> names();

    /** Whether {@link #read} would find this tensor. */
    boolean has(String name);

    /**
     * One tensor, on this device and of this type, belonging to the open scope.
     *
     * @param shape the shape the model needs
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming the tensor and its file
     *     when it is missing, has another shape or holds no numbers of this kind
     */
    Tensor read(String name, TorchDevice device, DType dtype, long... shape);

    /** Names a folder or file in error messages. */
    String location();

    @Override
    void close();
}
