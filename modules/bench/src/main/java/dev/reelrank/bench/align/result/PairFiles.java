package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encoded pairs in a folder, one file per sample. What was looked at and gave none leaves a mark.
 * Samples that gave one may be looked at again, which makes further files.
 */
final class PairFiles {
    private static final String PAIR = ".safetensors";
    private static final String NONE = ".none";
    private static final String MINED = ".mined";

    private final Path folder;

    PairFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
    }

    /** Whether nothing was looked at yet. */
    boolean isEmpty() {
        try (var files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** Whether the sample was looked at. */
    boolean seen(Sample sample) {
        return Files.exists(file(sample, PAIR)) || Files.exists(file(sample, NONE));
    }

    /** Remembers that a sample gives no pair. */
    void none(Sample sample, String reason) {
        mark(sample, NONE, reason);
    }

    private void mark(Sample sample, String suffix, String what) {
        try {
            Files.writeString(file(sample, suffix), what + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Encodes and keeps a pair. */
    void add(Sample sample, TrainingEncoder encoder, List<RgbImage> winner, List<RgbImage> loser) {
        keep(sample, null, encoder, winner, loser);
    }

    /**
     * Encodes and keeps a pair of a generator's own candidates.
     *
     * @param loserSeed that the loser was generated from
     */
    void add(
            Sample sample,
            long loserSeed,
            TrainingEncoder encoder,
            List<RgbImage> winner,
            List<RgbImage> loser) {
        keep(sample, loserSeed, encoder, winner, loser);
    }

    /**
     * Encodes and keeps further pairs of a sample, which share their winner.
     *
     * @param losers by the seeds that they were generated from, which name the pairs
     */
    void addMined(
            Sample sample,
            TrainingEncoder encoder,
            List<RgbImage> winner,
            Map<Long, List<RgbImage>> losers) {
        if (losers.isEmpty()) {
            return;
        }
        try (var scope = TensorScope.inference()) {
            var condition = condition(sample, encoder);
            var won = encoder.latents(winner);
            losers.forEach(
                    (seed, loser) ->
                            write(
                                    sample,
                                    "+" + seed + PAIR,
                                    new LatentPair(won, encoder.latents(loser), condition, seed)));
        }
    }

    /** Remembers that a sample was looked at again. */
    void mined(Sample sample, String what) {
        mark(sample, MINED, what);
    }

    private void keep(
            Sample sample,
            @Nullable Long loserSeed,
            TrainingEncoder encoder,
            List<RgbImage> winner,
            List<RgbImage> loser) {
        try (var scope = TensorScope.inference()) {
            write(
                    sample,
                    PAIR,
                    new LatentPair(
                            encoder.latents(winner),
                            encoder.latents(loser),
                            condition(sample, encoder),
                            loserSeed));
        }
    }

    private static TrainingCondition condition(Sample sample, TrainingEncoder encoder) {
        return encoder.condition(
                sample.prompt(), sample.image(), Sample.FRAMES, Sample.SIDE, Sample.SIDE);
    }

    private void write(Sample sample, String suffix, LatentPair pair) {
        try {
            // Another process may make the same pair.
            WholeFile.write(file(sample, suffix), pair.checked(sample.id())::write);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    private Path file(Sample sample, String suffix) {
        return folder.resolve(sample.id() + suffix);
    }

    /** The samples that were not looked at. */
    <S extends Sample> List<S> unseen(List<S> samples) {
        return samples.stream().filter(s -> !seen(s)).toList();
    }

    /**
     * The first pairs of these samples.
     *
     * @param most how many at most
     */
    List<Path> of(List<? extends Sample> samples, int most) {
        return samples.stream().map(s -> file(s, PAIR)).filter(Files::exists).limit(most).toList();
    }

    /** Those of samples with a pair that were not looked at again. */
    <S extends Sample> List<S> toMine(List<S> samples, int most) {
        return samples.stream()
                .filter(s -> Files.exists(file(s, PAIR)))
                .limit(most)
                .filter(s -> !Files.exists(file(s, MINED)))
                .toList();
    }

    /** The further pairs of the first samples that have one, in the order of samples and seeds. */
    List<Path> mined(List<? extends Sample> samples, int most) {
        return samples.stream()
                .filter(s -> Files.exists(file(s, PAIR)))
                .limit(most)
                .flatMap(s -> furtherOf(s).stream())
                .toList();
    }

    private List<Path> furtherOf(Sample sample) {
        try (var files = Files.newDirectoryStream(folder, sample.id() + "+*" + PAIR)) {
            var found = new ArrayList<Path>();
            files.forEach(found::add);
            found.sort(Comparator.naturalOrder());
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** Counts pairs of samples that are looked at side by side. */
    Harvest harvest(List<? extends Sample> samples, int wanted) {
        return new Harvest(samples, wanted);
    }

    /**
     * Whether the first samples give enough pairs. A sample counts only when every one before it
     * was looked at: so the pairs that are taken do not depend on who was fastest.
     */
    final class Harvest {
        private final List<? extends Sample> samples;
        private final int wanted;
        private int next;
        private int pairs;

        private Harvest(List<? extends Sample> samples, int wanted) {
            this.samples = samples;
            this.wanted = wanted;
        }

        synchronized boolean enough() {
            while (pairs < wanted && next < samples.size() && seen(samples.get(next))) {
                pairs += Files.exists(file(samples.get(next), PAIR)) ? 1 : 0;
                next++;
            }
            return pairs >= wanted;
        }
    }
}
