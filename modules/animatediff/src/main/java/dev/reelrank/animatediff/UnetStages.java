package dev.reelrank.animatediff;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DoublingConv;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Makes the stages of the UNet in their order; names are those of diffusers. */
final class UnetStages {
    private final UnetConfig config;
    private final Weights weights;
    private final LayerFactory factory;
    private final List<Stage> stages = new ArrayList<>();

    private UnetStages(UnetConfig config, Weights weights, LayerFactory factory) {
        this.config = config;
        this.weights = weights;
        this.factory = factory;
    }

    /** Reads all stages; the caller closes their parameters. */
    static List<Stage> load(UnetConfig config, Weights weights, LayerFactory factory) {
        var making = new UnetStages(config, weights, factory);
        try {
            making.all();
            return making.stages;
        } catch (RuntimeException e) {
            making.stages.forEach(stage -> stage.parameters().close());
            throw e;
        }
    }

    private void all() {
        long first = channels(0);
        int last = config.resolutions() - 1;
        add(
                "conv_in",
                w -> {
                    var conv = Conv2d.load(w.child("conv_in"), config.inChannels(), first, 3, 1, 1);
                    return (state, input) -> kept(conv.apply(state[0]), state);
                });
        for (int i = 0; i <= last; i++) {
            down(i, i == last);
        }
        middle(last);
        for (int i = last; i >= 0; i--) {
            up(last - i, i);
        }
        add(
                "conv_out",
                w -> {
                    var norm =
                            factory.norm(
                                    w.child("conv_norm_out"),
                                    config.groups(),
                                    first,
                                    config.epsilon());
                    var conv =
                            Conv2d.load(w.child("conv_out"), first, config.outChannels(), 3, 1, 1);
                    return (state, input) -> new Tensor[] {conv.apply(norm.silu(state[0]))};
                });
    }

    private long channels(int resolution) {
        return config.channels().get(resolution);
    }

    private void add(String name, Function<Weights, Stage.Step> make) {
        var own = new Parameters();
        try {
            stages.add(new Stage(name, own, make.apply(weights.owned(own))));
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /** The new hidden state, which is a skip too. */
    private static Tensor[] kept(Tensor x, Tensor[] state) {
        Tensor[] next = Arrays.copyOf(state, state.length + 1);
        next[0] = x;
        next[state.length] = x;
        return next;
    }

    private static Tensor[] with(Tensor x, Tensor[] state) {
        Tensor[] next = state.clone();
        next[0] = x;
        return next;
    }

    private void down(int resolution, boolean last) {
        String block = "down_blocks." + resolution;
        long out = channels(resolution);
        for (int j = 0; j < config.layers(); j++) {
            int layer = j;
            long in = j > 0 ? out : channels(Math.max(0, resolution - 1));
            add(
                    block + ".resnets." + j,
                    w -> {
                        var layers = layers(w.child(block), layer, in, resolution);
                        return (state, input) -> kept(through(layers, state[0], input), state);
                    });
        }
        if (!last) {
            add(
                    block + ".downsamplers.0",
                    w -> {
                        var conv =
                                Conv2d.load(
                                        w.child(block + ".downsamplers.0.conv"), out, out, 3, 2, 1);
                        return (state, input) -> kept(conv.apply(state[0]), state);
                    });
        }
    }

    private void middle(int resolution) {
        long width = channels(resolution);
        add(
                "mid_block",
                w -> {
                    Weights own = w.child("mid_block");
                    var layers = new ArrayList<Layer>();
                    layers.add(residual(own, 0, width, width));
                    layers.add(
                            new SpatialTransformer(
                                    own.child("attentions.0"), config, resolution, factory));
                    if (config.motion().middle()) {
                        layers.add(
                                new MotionModule(
                                        own.child("motion_modules.0"),
                                        config,
                                        resolution,
                                        factory));
                    }
                    layers.add(residual(own, 1, width, width));
                    return (state, input) -> with(through(layers, state[0], input), state);
                });
    }

    private void up(int index, int resolution) {
        String block = "up_blocks." + index;
        long out = channels(resolution);
        long before = channels(Math.min(config.resolutions() - 1, resolution + 1));
        for (int j = 0; j <= config.layers(); j++) {
            int layer = j;
            long skip = j < config.layers() ? out : channels(Math.max(0, resolution - 1));
            long in = (j == 0 ? before : out) + skip;
            add(
                    block + ".resnets." + j,
                    w -> {
                        var layers = layers(w.child(block), layer, in, resolution);
                        return (state, input) -> {
                            int top = state.length - 1;
                            Tensor joined = Ops.cat(1, state[0], state[top]);
                            return with(through(layers, joined, input), Arrays.copyOf(state, top));
                        };
                    });
        }
        if (resolution > 0) {
            add(
                    block + ".upsamplers.0",
                    w -> {
                        var doubling =
                                DoublingConv.load(w.child(block + ".upsamplers.0.conv"), out, out);
                        return (state, input) -> {
                            // To the size of the next skip: odd sizes were rounded up on the way
                            // down.
                            Tensor next = state[state.length - 1];
                            return with(
                                    doubling.apply(state[0], next.size(2), next.size(3)), state);
                        };
                    });
        }
    }

    private ResidualBlock residual(Weights block, int index, long in, long out) {
        return new ResidualBlock(
                block.child("resnets." + index),
                in,
                out,
                config.timeDim(),
                config.groups(),
                config.epsilon(),
                factory.kernels());
    }

    private List<Layer> layers(Weights block, int index, long in, int resolution) {
        var layers = new ArrayList<Layer>();
        layers.add(residual(block, index, in, channels(resolution)));
        if (config.attends().get(resolution)) {
            layers.add(
                    new SpatialTransformer(
                            block.child("attentions." + index), config, resolution, factory));
        }
        layers.add(
                new MotionModule(
                        block.child("motion_modules." + index), config, resolution, factory));
        return layers;
    }

    private static Tensor through(List<Layer> layers, Tensor x, UnetInput input) {
        Tensor h = x;
        for (var layer : layers) {
            Tensor before = h;
            h = layer.apply(before, input);
            if (before.address() != x.address() && before.address() != h.address()) {
                before.close();
            }
        }
        return h;
    }
}
