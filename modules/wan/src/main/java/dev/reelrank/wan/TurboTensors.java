package dev.reelrank.wan;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * TurboDiffusion's files as ordinary ones: the patch embedding, which they store as a matrix, in
 * the shape of a convolution, and matrices in int8 with a scale per block of 128 x 128 as the
 * matrices that they stand for. What computes with them rounds as its precision says.
 */
final class TurboTensors implements TensorSource {
    /** The end of the name of a quantized matrix. */
    static final String INT8 = ".int8_weight";

    private static final String SCALE = ".scale";
    private static final String WEIGHT = ".weight";
    private static final String PATCHES = "patch_embedding.weight";
    private static final long BLOCK = 128;

    private final Checkpoint file;
    private final Set<String> names = new TreeSet<>();

    private TurboTensors(Checkpoint file) {
        this.file = file;
        for (String name : file.names()) {
            if (name.endsWith(INT8)) {
                String layer = name.substring(0, name.length() - INT8.length());
                requireScales(layer);
                requireOnce(layer);
                names.add(layer + WEIGHT);
            } else if (!isScale(name)) {
                names.add(name);
            }
        }
    }

    /**
     * The file itself, if there is nothing to translate.
     *
     * @throws StageException MODEL_MISMATCH for scales of another layout; the file is closed then
     */
    static TensorSource of(Checkpoint file) {
        boolean turbo =
                file.names().stream()
                        .anyMatch(
                                name ->
                                        name.endsWith(INT8)
                                                || (name.endsWith(PATCHES)
                                                        && file.info(name).shape().length == 2));
        try {
            return turbo ? new TurboTensors(file) : file;
        } catch (StageException e) {
            file.close();
            throw e;
        }
    }

    private boolean isScale(String name) {
        return name.endsWith(SCALE)
                && file.has(name.substring(0, name.length() - SCALE.length()) + INT8);
    }

    private void requireScales(String layer) {
        var weight = file.info(layer + INT8);
        String scales = layer + SCALE;
        if (weight.dtype() != DType.INT8 || weight.shape().length != 2) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "'%s' of %s is %s, not an int8 matrix"
                            .formatted(layer + INT8, file.location(), weight));
        }
        long[] needed = scales(weight.shape());
        if (!file.has(scales) || !file.info(scales).hasShape(needed)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has scales '%s' %s for the int8 matrix %s; only one scale per block of 128 x 128 is read, which is %s: use the file without -quant"
                            .formatted(
                                    file.location(),
                                    scales,
                                    file.has(scales) ? file.info(scales) : "that are missing",
                                    Arrays.toString(weight.shape()),
                                    Arrays.toString(needed)));
        }
    }

    /** Two matrices for one layer: nobody could tell which one it was distilled with. */
    private void requireOnce(String layer) {
        if (file.has(layer + WEIGHT)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has the matrix of '%s' twice, as int8_weight and as weight: use a file that has it once"
                            .formatted(file.location(), layer));
        }
    }

    private static long[] scales(long[] shape) {
        return Arrays.stream(shape).map(length -> (length + BLOCK - 1) / BLOCK).toArray();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(names);
    }

    @Override
    public boolean has(String name) {
        return names.contains(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        if (name.endsWith(PATCHES) && file.info(name).shape().length == 2) {
            long numbers = Arrays.stream(shape, 1, shape.length).reduce(1, Math::multiplyExact);
            return file.read(name, device, dtype, shape[0], numbers).view(shape);
        }
        String layer =
                name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (!file.has(layer + INT8)) {
            return file.read(name, device, dtype, shape);
        }
        return TensorScope.compute(
                () -> {
                    Tensor values = file.read(layer + INT8, device, DType.INT8, shape);
                    Tensor scale =
                            file.read(layer + SCALE, device, DType.FLOAT32, scales(shape))
                                    .repeat_interleave(
                                            BLOCK, new LongOptional(0), new LongOptional())
                                    .narrow(0, 0, shape[0])
                                    .repeat_interleave(
                                            BLOCK, new LongOptional(1), new LongOptional())
                                    .narrow(1, 0, shape[1]);
                    return Ops.to(Ops.to(values, DType.FLOAT32).mul(scale), dtype);
                });
    }

    @Override
    public String location() {
        return file.location();
    }

    @Override
    public void close() {
        file.close();
    }
}
