package dev.reelrank.generators;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files of the LoRAs that a configuration names: folders and files by their names, and
 * adapters of the farm in the result store. The files of an adapter are put into a folder of this
 * process, under the names by which the generator family tells them apart.
 */
public final class LoraPaths implements AutoCloseable {
    private static final String EXTENSION = ".safetensors";

    private final Function<String, Path> named;
    private final Supplier<ResultStore> store;
    private @Nullable Path folder;

    /**
     * @param named the folder or file of a name that is no adapter of the farm
     * @param store holds the files of adapters; asked when one is needed
     */
    public LoraPaths(Function<String, Path> named, Supplier<ResultStore> store) {
        this.named = named;
        this.store = store;
    }

    /**
     * The LoRAs of a configuration, in their order.
     *
     * @param loras null for those of the model's own defaults
     * @param fingerprint of the model's own files; asked when there is an adapter
     * @throws StageException INVALID_SAMPLE for an adapter without files, MODEL_MISMATCH for one of
     *     another family or base, INPUT_LOST or STORE_UNAVAILABLE when its files cannot be had
     */
    public List<LoraSpec> of(
            @Nullable List<Lora> loras, GeneratorModel model, Supplier<String> fingerprint) {
        if (loras == null) {
            return model.defaults().loras().stream()
                    .map(lora -> new LoraSpec(named.apply(lora.name()), lora.strength()))
                    .toList();
        }
        return loras.stream()
                .map(
                        lora ->
                                new LoraSpec(
                                        lora.ofFarm()
                                                ? adapter(lora, model, fingerprint)
                                                : named.apply(lora.name()),
                                        lora.strength()))
                .toList();
    }

    private Path adapter(Lora lora, GeneratorModel model, Supplier<String> fingerprint) {
        if (lora.files().isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "candidate.loras: '%s' came without its files; submit the samples with this version of reelrank, which looks adapters up"
                            .formatted(lora.name()));
        }
        requireFamily(lora, model);
        String base = lora.base();
        if (base != null && !base.isEmpty() && !base.equals(fingerprint.get())) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s was trained on a generator with the fingerprint %s, but %s has %s; use the generator that it was trained on, or train it again on this one"
                            .formatted(lora.name(), base, model.folder(), fingerprint.get()));
        }
        if (!(model instanceof Trainable trainable)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s is an adapter, but the generators of family %s take none"
                            .formatted(lora.name(), model.family()));
        }
        return laid(lora, trainable);
    }

    /** First of all: the networks and the fingerprint of another family say less to a reader. */
    private static void requireFamily(Lora lora, GeneratorModel model) {
        String family = lora.family();
        if (family != null && !family.isEmpty() && !family.equals(model.family())) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s is an adapter for generators of family %s, but %s is of family %s; use it with a generator of its family, or leave it out"
                            .formatted(lora.name(), family, model.folder(), model.family()));
        }
    }

    /** The same files lie in the same folder, so that they are the same load key. */
    private synchronized Path laid(Lora lora, Trainable model) {
        try {
            Path place =
                    Files.createDirectories(
                            folder().resolve(Sha256.of(lora.files().toString()).substring(0, 16)));
            Path only = place;
            for (Map.Entry<String, BlobRef> file : lora.files().entrySet()) {
                String word = model.fileWord(file.getKey()).orElse("adapter");
                only = place.resolve(word + EXTENSION);
                if (!Files.exists(only)) {
                    Path fetched =
                            store.get()
                                    .fetch(
                                            file.getValue(),
                                            Files.createTempDirectory(folder(), "fetch"));
                    WholeFile.write(only, part -> Files.copy(fetched, part));
                }
            }
            // A folder with the file of one network is refused: somebody may have lost the other.
            return lora.files().size() == 1 ? only : place;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot put the files of %s into a temporary folder: %s"
                            .formatted(lora.name(), e.getMessage()),
                    e);
        }
    }

    private Path folder() throws IOException {
        if (folder == null) {
            folder = Files.createTempDirectory("reelrank-adapters");
        }
        return folder;
    }

    /** Removes the files. */
    @Override
    public synchronized void close() {
        Path mine = folder;
        folder = null;
        if (mine == null) {
            return;
        }
        try (var all = Files.walk(mine)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot delete " + mine + ": " + e.getMessage(), e);
        }
    }
}
