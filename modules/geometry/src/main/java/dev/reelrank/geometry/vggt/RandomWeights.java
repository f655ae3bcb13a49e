package dev.reelrank.geometry.vggt;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Random weights for measuring how long a whole score takes. The last layer of the camera head is
 * such that cameras differ and see something: without that nothing would be projected.
 */
final class RandomWeights implements TensorSource {
    private static final String LAST = "camera_head.pose_branch.fc2.";
    private static final double DEVIATION = 0.02;
    private static final double APART = 50;
    private static final int ANGLES = 2;

    private final RandomTensors random = new RandomTensors(DEVIATION);

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
        Tensor values = random.read(name, device, dtype, shape);
        if (name.equals(LAST + "bias")) {
            // In four rounds to one metre, an even quaternion and a quarter of a circle.
            return TensorScope.compute(() -> Ops.add(Ops.mul(values, 0), 0.3));
        }
        if (name.equals(LAST + "weight")) {
            long rest = shape[0] - ANGLES;
            return TensorScope.compute(
                    () ->
                            Ops.cat(
                                    0,
                                    Ops.mul(values.narrow(0, 0, rest), APART),
                                    Ops.mul(values.narrow(0, rest, ANGLES), 0)));
        }
        return values;
    }

    @Override
    public String location() {
        return random.location();
    }

    @Override
    public void close() {
        random.close();
    }
}
