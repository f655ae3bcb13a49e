package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * The candidates of samples in a folder, one file per sample: the latents of each clip by its seed,
 * what they share, and their figures. A file is there as a whole or not at all, so an interrupted
 * measurement loses the samples at work and nothing else, and pairs can be chosen again and in
 * another way without another clip.
 */
final class CandidateFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEXT = "text";
    private static final String IMAGE = "image";
    private static final String PADDING = "text_padding";
    private static final String FIGURES = "figures";

    private final Path folder;

    CandidateFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
    }

    /**
     * One clip's figures.
     *
     * @param sample id of its sample
     * @param figures by name; NaN for a score that it does not have
     */
    record Candidate(String sample, long seed, Map<String, Double> figures) {
        double figure(String name) {
            return Objects.requireNonNull(figures.get(name), () -> "no figure " + name);
        }
    }

    private Path file(Sample sample) {
        return folder.resolve(sample.id() + ".safetensors");
    }

    boolean seen(Sample sample) {
        return Files.exists(file(sample));
    }

    /**
     * Keeps the candidates of a sample.
     *
     * @param latents of each clip, in the order of the candidates
     */
    void add(
            Sample sample,
            TrainingCondition condition,
            List<Tensor> latents,
            List<Candidate> candidates) {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < candidates.size(); i++) {
            tensors.put(clip(candidates.get(i).seed()), latents.get(i));
        }
        tensors.put(TEXT, condition.text().rows());
        tensors.put(IMAGE, Objects.requireNonNull(condition.image()));
        try {
            var facts =
                    Map.of(
                            PADDING, String.valueOf(condition.text().padding()),
                            FIGURES, JSON.writeValueAsString(candidates));
            WholeFile.write(file(sample), part -> SafetensorsWriter.write(part, tensors, facts));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Every candidate of these samples that was made so far. */
    List<List<Candidate>> of(List<? extends Sample> samples) {
        return samples.stream().filter(this::seen).map(this::candidates).toList();
    }

    private List<Candidate> candidates(Sample sample) {
        try (var stored = SafetensorsFile.open(file(sample))) {
            return JSON.readValue(stored.metadata().get(FIGURES), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has no figures that can be read; delete it, and the same command makes it again"
                            .formatted(file(sample)),
                    e);
        }
    }

    /**
     * Writes two candidates of a sample as a pair to train on.
     *
     * @param into an existing folder; a pair that lies there stays
     * @return the pair's file
     */
    Path pair(String sample, long winner, long loser, Path into) {
        Path pair = into.resolve("%s-%d-%d.safetensors".formatted(sample, winner, loser));
        if (Files.exists(pair)) {
            return pair;
        }
        try (var scope = TensorScope.inference();
                var stored = SafetensorsFile.open(folder.resolve(sample + ".safetensors"))) {
            var text =
                    new TextContext(
                            stored.tensor(TEXT),
                            Long.parseLong(Objects.requireNonNull(stored.metadata().get(PADDING))));
            var latents =
                    new LatentPair(
                            stored.tensor(clip(winner)),
                            stored.tensor(clip(loser)),
                            new TrainingCondition(text, stored.tensor(IMAGE)),
                            loser);
            WholeFile.write(pair, latents.checked(sample)::write);
            return pair;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + into, e);
        }
    }

    private static String clip(long seed) {
        return "clip-" + seed;
    }
}
