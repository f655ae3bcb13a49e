package dev.reelrank.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.BlockPass.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From videos to a step: encoded, stored, read and trained on. */
final class EncodedPairIT {
    private static final int FRAMES = 5;
    private static final int WIDTH = 48;
    private static final int HEIGHT = 32;

    @TempDir Path folder;

    private static List<RgbImage> video(long seed) {
        var random = new Random(seed);
        return IntStream.range(0, FRAMES)
                .mapToObj(
                        frame -> {
                            var rgb = new byte[WIDTH * HEIGHT * 3];
                            random.nextBytes(rgb);
                            return new RgbImage(WIDTH, HEIGHT, rgb);
                        })
                .toList();
    }

    @Test
    void shouldTrainOnAPairThatWasEncodedAndStored() throws Exception {
        Path file = folder.resolve("pair.safetensors");
        var image = video(3).get(0);
        try (var scope = TensorScope.open();
                var encoder = TinyWan.snapshot().encoder(Precision.FP32, TorchDevice.cpu())) {
            var condition = encoder.condition("a cat sails", image, FRAMES, WIDTH, HEIGHT);
            assertThat(condition.text().length()).isEqualTo(512);
            assertThat(condition.image().shape()).containsExactly(1, 20, 2, 4, 6);
            var pair =
                    new LatentPair(encoder.latents(video(1)), encoder.latents(video(2)), condition);
            assertThat(pair.winner().shape()).containsExactly(1, 16, 2, 4, 6);
            pair.checked("pair").write(file);
            assertThatThrownBy(
                            () ->
                                    new LatentPair(pair.winner(), pair.winner(), condition)
                                            .checked("pair"))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("equal");
            assertThatThrownBy(() -> encoder.condition("a cat", null, FRAMES, WIDTH, HEIGHT))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("from images");
        }
        try (var scope = TensorScope.open();
                var model = TinyWan.load(Precision.FP32, "transformer_2")) {
            var pairs = new FilePairs(List.of(file));
            assertThat(pairs.size()).isEqualTo(1);
            assertThat(pairs.fingerprint())
                    .hasSize(64)
                    .isNotEqualTo(new FilePairs(List.of(file, file)).fingerprint());
            var taught =
                    new PairPass(model, PreferenceLoss.sigmoid(2500), Memory.RECOMPUTED)
                            .run(
                                    model.networks().get(0),
                                    pairs.pair(0).checked(pairs.name(0)),
                                    new Draw(0, 300, 1, 1),
                                    1);
            assertThat(taught.loss().loss()).isEqualTo(Math.log(2));
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> LatentPair.read(file))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("truncated");
    }
}
