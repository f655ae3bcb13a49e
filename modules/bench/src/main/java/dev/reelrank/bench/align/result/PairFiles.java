package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Encoded pairs in a folder, one file per sample. What was looked at and gave none leaves a mark.
 */
final class PairFiles {
    private static final String PAIR = ".safetensors";
    private static final String NONE = ".none";

    private final Path folder;

    PairFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
    }

    /** Whether the sample was looked at. */
    boolean seen(SceneSample sample) {
        return Files.exists(file(sample, PAIR)) || Files.exists(file(sample, NONE));
    }

    /** Remembers that a sample gives no pair. */
    void none(SceneSample sample, String reason) {
        try {
            Files.writeString(file(sample, NONE), reason + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Encodes and keeps a pair. */
    void add(
            SceneSample sample,
            TrainingEncoder encoder,
            List<RgbImage> winner,
            List<RgbImage> loser) {
        Path part = file(sample, ".part");
        try (var scope = TensorScope.inference()) {
            var condition =
                    encoder.condition(
                            sample.prompt(),
                            sample.truth().clip().frames().get(0),
                            SceneSample.FRAMES,
                            SceneSample.SIDE,
                            SceneSample.SIDE);
            new LatentPair(encoder.latents(winner), encoder.latents(loser), condition)
                    .checked(sample.id())
                    .write(part);
            Files.move(part, file(sample, PAIR), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    private Path file(SceneSample sample, String suffix) {
        return folder.resolve(sample.id() + suffix);
    }

    /** Every pair, in the order of the names. */
    List<Path> all() {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(PAIR)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }
}
