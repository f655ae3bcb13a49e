package dev.reelrank.generator;

import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where candidates of one identity have paused, in the store. They only save steps: whatever is not
 * there, or not as it was written, is made again.
 *
 * @param store keeps them as drafts of the finished candidate
 * @param identity 64 hex digits of everything that the finished candidate depends on
 * @param scratch for copies
 */
record PausedStates(ResultStore store, String identity, Path scratch) {
    /** Steps, and the SHA-256 of the file: nobody else checks the bytes of a draft. */
    private static final Pattern NAME = Pattern.compile("after-(\\d{1,3})\\.([0-9a-f]{64})");

    private record Named(String name, int after, String sha256) {
        static Optional<Named> of(String name) {
            var match = NAME.matcher(name);
            return match.matches()
                    ? Optional.of(new Named(name, Integer.parseInt(match.group(1)), match.group(2)))
                    : Optional.empty();
        }
    }

    /** A file for a new state; {@link #keep} puts it into the store. */
    PausedFile fresh() {
        return new PausedFile(scratch.resolve("paused.safetensors"), identity);
    }

    void keep(int after, PausedFile file) {
        store.putDraft(identity, "after-" + after + "." + sha256(file.path()), file.path());
    }

    /**
     * The state of the most steps that are fewer than this.
     *
     * @return null if there is none
     */
    @Nullable PausedFile latest(int below) {
        for (Named state : states()) {
            if (state.after() < below) {
                Path file = store.fetchDraft(identity, state.name(), scratch).orElse(null);
                if (file != null && sha256(file).equals(state.sha256())) {
                    return new PausedFile(file, identity);
                }
            }
        }
        return null;
    }

    /** The candidate is finished: nobody goes on from them. */
    void drop() {
        states().forEach(state -> store.dropDraft(identity, state.name()));
    }

    private static String sha256(Path file) {
        try {
            return Sha256.of(file);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The most steps first. */
    private List<Named> states() {
        return store.drafts(identity).stream()
                .flatMap(name -> Named.of(name).stream())
                .sorted(Comparator.comparingInt(Named::after).reversed())
                .toList();
    }
}
