package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * A model's way to its weights: takes tensors by name, relative to a prefix, and keeps account of
 * them, so that what is missing, has another shape or is left over is an error that names it.
 */
public final class Weights {
    private final TensorSource source;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters;
    private final String prefix;
    private final Set<String> used;
    private final TorchDevice workshop;

    /**
     * @param device where the tensors go
     * @param dtype the type of {@link #take(String, long...)}
     * @param parameters what owns them
     */
    public Weights(TensorSource source, TorchDevice device, DType dtype, Parameters parameters) {
        this(source, device, dtype, parameters, "", new HashSet<>(), device);
    }

    private Weights(
            TensorSource source,
            TorchDevice device,
            DType dtype,
            Parameters parameters,
            String prefix,
            Set<String> used,
            TorchDevice workshop) {
        this.source = source;
        this.device = device;
        this.dtype = dtype;
        this.parameters = parameters;
        this.prefix = prefix;
        this.used = used;
        this.workshop = workshop;
    }

    /** The weights under {@code prefix.name.}; taking from it counts here too. */
    public Weights child(String name) {
        return new Weights(source, device, dtype, parameters, prefix + name + ".", used, workshop);
    }

    /** The same weights, taken in another type by default. */
    public Weights as(DType other) {
        return new Weights(source, device, other, parameters, prefix, used, workshop);
    }

    /** The same weights, owned by other parameters: for parts that are moved on their own. */
    public Weights owned(Parameters other) {
        return new Weights(source, device, dtype, other, prefix, used, workshop);
    }

    /** The same weights, placed on another device. */
    public Weights on(TorchDevice other) {
        return new Weights(source, other, dtype, parameters, prefix, used, other);
    }

    /**
     * Takes a tensor of this exact shape, in the default type. It lives as long as the parameters.
     */
    public Tensor take(String name, long... shape) {
        return take(name, dtype, shape);
    }

    /** Takes a tensor of this exact shape, in this type. It lives as long as the parameters. */
    public Tensor take(String name, DType as, long... shape) {
        try (var scope = TensorScope.open()) {
            return parameters.own(read(name, as, shape));
        }
    }

    /**
     * Like {@link #take}, but the tensor belongs to the open scope: for weights to be transformed.
     */
    public Tensor read(String name, DType as, long... shape) {
        Tensor tensor = source.read(prefix + name, device, as, shape);
        used.add(prefix + name);
        return tensor;
    }

    /**
     * The same weights, made on another device than they lie on where that takes more than reading:
     * a GPU quantizes in a moment what would keep the host's cores busy for a minute.
     */
    public Weights madeOn(TorchDevice other) {
        return new Weights(source, device, dtype, parameters, prefix, used, other);
    }

    /** As {@link #read}, but on the device of {@link #madeOn}. */
    Tensor readToMake(String name, DType as, long... shape) {
        Tensor tensor = source.read(prefix + name, workshop, as, shape);
        used.add(prefix + name);
        return tensor;
    }

    /** What was made, where the weights go. */
    Tensor made(Tensor tensor) {
        return device.place(tensor, DType.of(tensor));
    }

    /** Whether there is such a tensor. */
    public boolean has(String name) {
        return source.has(prefix + name);
    }

    /** Accepts that a tensor is there and not needed, for example a tied head stored twice. */
    public void ignore(String name) {
        used.add(prefix + name);
    }

    public TorchDevice device() {
        return device;
    }

    /** The default type. */
    public DType dtype() {
        return dtype;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** The dotted path of a name, for messages. */
    public String path(String name) {
        return prefix + name;
    }

    /**
     * Ends the accounting.
     *
     * @throws StageException MODEL_MISMATCH when the source has tensors under this prefix that were
     *     not taken
     */
    public void requireAllUsed() {
        var left = new TreeSet<String>();
        for (String name : source.names()) {
            if (name.startsWith(prefix) && !used.contains(name)) {
                left.add(name);
            }
        }
        if (!left.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has %d tensors this model does not have, such as %s: its config.json belongs to another model"
                            .formatted(
                                    source.location(),
                                    left.size(),
                                    List.copyOf(left).subList(0, Math.min(5, left.size()))));
        }
    }
}
