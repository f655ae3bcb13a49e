package dev.reelrank.torch;

import dev.reelrank.torch.train.Block;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A small transformer-like network of blocks, to try training on. Width 16. */
public final class BlockChain implements AutoCloseable {
    private static final long WIDTH = 16;

    private final Parameters parameters = new Parameters();
    private final List<Block> blocks = new ArrayList<>();

    public BlockChain(int depth, DType dtype, LinearFormat format, LinearAdapters adapters) {
        var root = new Weights(new RepeatableTensors(), TorchDevice.cpu(), dtype, parameters);
        for (int i = 0; i < depth; i++) {
            Weights weights = root.child("blocks." + i);
            Linear query = linear(weights.child("query"), WIDTH, WIDTH, format, adapters);
            Linear key = linear(weights.child("key"), WIDTH, WIDTH, format, adapters);
            Linear value = linear(weights.child("value"), WIDTH, WIDTH, format, adapters);
            Linear up = linear(weights.child("up"), WIDTH, 2 * WIDTH, format, adapters);
            Linear down = linear(weights.child("down"), 2 * WIDTH, WIDTH, format, adapters);
            LayerNorm norm = LayerNorm.load(weights.child("norm"), WIDTH, 1e-6);
            blocks.add(
                    state ->
                            new Tensor[] {
                                TensorScope.compute(
                                        () -> {
                                            Tensor x = norm.apply(state[0]);
                                            Tensor seen =
                                                    Attention.apply(
                                                            query.apply(x).unsqueeze(1),
                                                            key.apply(x).unsqueeze(1),
                                                            value.apply(x).unsqueeze(1));
                                            Tensor y = state[0].add(seen.squeeze(1));
                                            return y.add(down.apply(up.applyGelu(y)));
                                        })
                            });
        }
    }

    private static Linear linear(
            Weights weights, long in, long out, LinearFormat format, LinearAdapters adapters) {
        return adapters.beside(Linear.load(weights, in, out, true, format), weights);
    }

    public List<Block> blocks() {
        return blocks;
    }

    @Override
    public void close() {
        parameters.close();
    }
}
