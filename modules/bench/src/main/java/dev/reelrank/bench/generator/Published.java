package dev.reelrank.bench.generator;

import dev.reelrank.animatediff.AnimateDiffModel;
import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.cogvideox.CogFamily;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.RepeatableTensors;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Models that can be measured without their weights, by their published sizes. */
public enum Published {
    COGVIDEOX_5B(
            "cogvideox-5b",
            new Tiny(48, 32, 9),
            CogFamily::open,
            parameters("transformer", 5_570_283_072L, 215_583_907L, 4_762_310_656L)),
    COGVIDEOX_5B_I2V(
            "cogvideox-5b-i2v",
            new Tiny(48, 32, 9),
            CogFamily::open,
            parameters("transformer", 5_625_087_552L, 215_583_907L, 4_762_310_656L)),
    COGVIDEOX_15_5B(
            "cogvideox-1.5-5b",
            new Tiny(48, 32, 17),
            CogFamily::open,
            parameters("transformer", 5_570_676_352L, 215_583_907L, 4_762_310_656L)),
    ANIMATEDIFF(
            "animatediff",
            new Tiny(32, 32, 8),
            AnimateDiffModel::open,
            parameters("unet", 1_312_730_244L, 83_653_863L, 123_060_480L)),
    WAN_TI2V(
            "wan-ti2v",
            new Tiny(64, 32, 5),
            WanSnapshot::open,
            parameters("transformer", 4_999_787_712L, 704_688_668L, 5_680_910_336L));

    /** A video that the tiny model can make. */
    private record Tiny(int width, int height, int frames) {}

    /** Small enough that nothing grows without bounds from layer to layer. */
    private static final double DEVIATION = 0.02;

    private final String id;
    private final Tiny tiny;
    private final BiFunction<Path, PartWeights, GeneratorModel> open;
    private final Map<String, Long> parameters;

    Published(
            String id,
            Tiny tiny,
            BiFunction<Path, PartWeights, GeneratorModel> open,
            Map<String, Long> parameters) {
        this.id = id;
        this.tiny = tiny;
        this.open = open;
        this.parameters = parameters;
    }

    private static Map<String, Long> parameters(String network, long own, long vae, long text) {
        return Map.of(network, own, "vae", vae, "text_encoder", text);
    }

    /**
     * The model of an id.
     *
     * @throws StageException INVALID_CONFIG naming those that there are
     */
    public static Published parse(String id) {
        return Arrays.stream(values())
                .filter(model -> model.id.equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "model '%s' is not one of %s"
                                                .formatted(id, List.of(values()))));
    }

    /**
     * The model with random weights, which are made where they are needed.
     *
     * @param folder where its configuration and a tokenizer of few words are written
     * @param tiny whether of a few thousand parameters, to try the benchmark itself
     */
    public GeneratorModel open(Path folder, boolean tiny) {
        ModelFolder.write(folder, id, tiny);
        return open(folder, () -> new RandomTensors(DEVIATION));
    }

    /**
     * Whether a GPU makes the video of the CPU, with a tiny model of equal weights.
     *
     * @param folder where the model's configuration is written
     */
    Agreement agreement(Path folder, TorchDevice device) {
        ModelFolder.write(folder, id, true);
        var model = open(folder, RepeatableTensors::new);
        var image =
                model.options().image() == ImageInput.REQUIRED
                        ? new PictureSize(tiny.width(), tiny.height()).gradient()
                        : null;
        return Agreement.measure(model, tiny.width(), tiny.height(), tiny.frames(), image, device);
    }

    private GeneratorModel open(Path folder, Supplier<TensorSource> source) {
        return open.apply(
                folder,
                new PartWeights() {
                    @Override
                    public TensorSource open(String part) {
                        return source.get();
                    }

                    @Override
                    public long parameters(String part) {
                        return Objects.requireNonNull(parameters.get(part), part);
                    }
                });
    }

    /** What {@code --family} calls it. */
    @Override
    public String toString() {
        return id;
    }
}
