package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorInfo;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights with LoRAs merged into them, in float32 and before anything is rounded or quantized:
 * {@code W + sum of strength · alpha / rank · up · down}.
 */
public final class LoraMerge implements TensorSource {
    private final TensorSource base;
    private final List<Strength> loras;

    /** What each LoRA changes in a part of a model. */
    public List<AppliedLora> applied(String part) {
        return loras.stream()
                .map(
                        lora ->
                                new AppliedLora(
                                        named(lora.file().path().toAbsolutePath()),
                                        part,
                                        lora.strength(),
                                        lora.file().effective()))
                .toList();
    }

    /** The last two names of a path: the files of many LoRAs are named alike. */
    private static String named(Path file) {
        Path folder = file.getParent();
        return (folder == null ? null : folder.getFileName()) + "/" + file.getFileName();
    }

    /** A LoRA and how strongly it acts. */
    public record Strength(LoraFile file, double strength) {}

    /**
     * @param base closed with this
     * @param loras merged in order, closed with this
     * @throws StageException MODEL_MISMATCH when a LoRA changes a tensor that the model does not
     *     have
     */
    public LoraMerge(TensorSource base, List<Strength> loras) {
        this.base = base;
        this.loras = List.copyOf(loras);
        for (var lora : loras) {
            var unknown =
                    lora.file().changes().keySet().stream().filter(n -> !base.has(n)).toList();
            if (!unknown.isEmpty()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "the LoRA %s changes %d tensors that %s does not have, such as '%s': it belongs to another model"
                                .formatted(
                                        lora.file().path(),
                                        unknown.size(),
                                        base.location(),
                                        unknown.get(0)));
            }
        }
    }

    @Override
    public Set<String> names() {
        return base.names();
    }

    @Override
    public boolean has(String name) {
        return base.has(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        var touching = loras.stream().filter(l -> l.file().changes().containsKey(name)).toList();
        if (touching.isEmpty()) {
            return base.read(name, device, dtype, shape);
        }
        return TensorScope.compute(
                () -> {
                    Tensor sum = base.read(name, device, DType.FLOAT32, shape);
                    for (var lora : touching) {
                        sum = sum.add(change(lora, name, device, shape));
                    }
                    return Ops.to(sum, dtype);
                });
    }

    private static Tensor change(Strength lora, String name, TorchDevice device, long[] shape) {
        LoraFile file = lora.file();
        LoraFile.Change change = Objects.requireNonNull(file.changes().get(name));
        Tensor down = device.place(file.tensors().tensor(change.down()), DType.FLOAT32);
        if (change.up() == null) {
            if (down.numel() != Arrays.stream(shape).reduce(1, (a, b) -> a * b)) {
                throw mismatch(file, change.down(), name, shape);
            }
            return Ops.mul(down.reshape(shape), lora.strength() * change.scale());
        }
        Tensor up = device.place(file.tensors().tensor(change.up()), DType.FLOAT32);
        TensorInfo a = Objects.requireNonNull(file.tensors().tensors().get(change.down()));
        TensorInfo b = Objects.requireNonNull(file.tensors().tensors().get(change.up()));
        long rank = a.shape()[0];
        long in = a.elements() / rank;
        if (shape.length < 2
                || b.shape().length < 2
                || b.elements() / b.shape()[0] != rank
                || b.shape()[0] != shape[0]
                || in * shape[0] != Arrays.stream(shape).reduce(1, (x, y) -> x * y)) {
            throw mismatch(file, change.down(), name, shape);
        }
        return Ops.mul(
                up.reshape(shape[0], rank).matmul(down.reshape(rank, in)).reshape(shape),
                lora.strength() * change.scale());
    }

    private static StageException mismatch(LoraFile file, String key, String name, long[] shape) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "'%s' %s of the LoRA %s does not fit '%s' %s: the LoRA belongs to another model"
                        .formatted(
                                key,
                                Arrays.toString(
                                        Objects.requireNonNull(file.tensors().tensors().get(key))
                                                .shape()),
                                file.path(),
                                name,
                                Arrays.toString(shape)));
    }

    @Override
    public String location() {
        return base.location();
    }

    @Override
    public void close() {
        loras.forEach(lora -> lora.file().close());
        base.close();
    }
}
