package dev.reelrank.client.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code run} set out to do, written before it submits anything: killed at any instant, it
 * is started again with the same ids, and what is sent twice is one.
 *
 * @param submissionId of the only submission of this run
 * @param dataset absolute folder
 * @param prompts absolute folder of edited prompts, null for none
 * @param out absolute folder of all runs' results
 */
public record Intent(
        String runId,
        String submissionId,
        String dataset,
        List<String> sampleIds,
        @Nullable String prompts,
        String out,
        RunConfiguration configuration) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whether both ask for the same thing, whatever the run is called. */
    public boolean sameRequest(Intent other) {
        return dataset.equals(other.dataset)
                && sampleIds.equals(other.sampleIds)
                && java.util.Objects.equals(prompts, other.prompts)
                && out.equals(other.out)
                && configuration.equals(other.configuration);
    }

    /** An intent that this process carries out; others leave it alone. */
    public static final class Claim implements AutoCloseable {
        private final Path file;
        private final Intent intent;
        private final FileChannel channel;

        private Claim(Path file, Intent intent, FileChannel channel) {
            this.file = file;
            this.intent = intent;
            this.channel = channel;
        }

        public Intent intent() {
            return intent;
        }

        /** Carried out: there is nothing to resume. */
        public void finished() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw cannotWrite(file, e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Writes a new intent and claims it. */
    public static Claim begin(Path folder, Intent intent) {
        Path file = folder.resolve(intent.runId() + ".json");
        Path part = folder.resolve(intent.runId() + ".json.part");
        try {
            Files.createDirectories(folder);
            JSON.writeValue(part.toFile(), intent);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            return claim(file)
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            file + " was taken by another process"));
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    /** Claims every intent whose process has gone. */
    public static List<Claim> orphaned(Path folder) {
        var claims = new ArrayList<Claim>();
        if (!Files.isDirectory(folder)) {
            return claims;
        }
        try (var files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                claim(file).ifPresent(claims::add);
            }
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
        claims.sort(java.util.Comparator.comparing(c -> c.intent().runId()));
        return claims;
    }

    private static Optional<Claim> claim(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (java.nio.file.NoSuchFileException e) {
            return Optional.empty();
        }
        // Between our look and our hold its owner may have finished it.
        if (!FileHold.take(channel) || !Files.exists(file)) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(
                new Claim(file, JSON.readValue(Files.readAllBytes(file), Intent.class), channel));
    }

    private static StageException cannotWrite(Path file, IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK, "cannot use " + file + ": " + e.getMessage(), e);
    }
}
