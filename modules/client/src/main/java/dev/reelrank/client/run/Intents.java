package dev.reelrank.client.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The intents of one data folder, a file each. The command that carries one out holds its file: the
 * system frees it however that command ends, and another command may then go on with it.
 *
 * <p>A held file is read through the channel that holds it and never opened a second time, because
 * closing any descriptor of a file frees a POSIX lock that this process has on it.
 */
public final class Intents {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Between the run's id and the submission's: no id holds it. */
    private static final char SEPARATOR = '+';

    private final Path folder;

    /** Files that this process holds. */
    private final Set<Path> held = new HashSet<>();

    /**
     * @param folder made when the first intent is written
     */
    public Intents(Path folder) {
        this.folder = folder;
    }

    /**
     * An intent that is not finished.
     *
     * @param file its name without the ending, which {@link #abandon} takes as well as the run's id
     * @param living whether a command carries it out now
     * @param intent null while another command holds it, or if it cannot be read
     */
    public record Unfinished(String file, boolean living, @Nullable Intent intent) {
        /** The run's id. */
        public String runId() {
            if (intent != null) {
                return intent.runId();
            }
            int end = file.indexOf(SEPARATOR);
            return end < 0 ? file : file.substring(0, end);
        }
    }

    /** An intent that this process carries out; others leave it alone. */
    public final class Claim implements AutoCloseable {
        private final Path file;
        private final Intent intent;
        private final FileChannel channel;

        private Claim(Path file, Intent intent, FileChannel channel) {
            this.file = file;
            this.intent = intent;
            this.channel = channel;
            held.add(file);
        }

        public Intent intent() {
            return intent;
        }

        /** Carried out, or to be left: there is nothing to resume. */
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
            held.remove(file);
        }
    }

    /** Writes a new intent and claims it. */
    public Claim begin(Intent intent) {
        Path file = folder.resolve(intent.runId() + SEPARATOR + intent.submissionId() + ".json");
        try {
            DataFolder.ownersAlone(folder);
            WholeFile.write(file, JSON.writeValueAsBytes(intent));
            return claim(file)
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            file + " was taken by another process"));
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    /**
     * Claims an interrupted intent that asks for the same thing.
     *
     * @param runId only of this run, null for any
     */
    public Optional<Claim> resume(Intent wanted, @Nullable String runId) {
        for (Path file : files()) {
            if (held.contains(file)) {
                continue;
            }
            Claim claim = readable(file).orElse(null);
            if (claim == null) {
                continue;
            }
            if (claim.intent().sameRequest(wanted)
                    && (runId == null || runId.equals(claim.intent().runId()))) {
                return Optional.of(claim);
            }
            close(claim);
        }
        return Optional.empty();
    }

    /** Everything that is not finished, in the order of the runs' ids. */
    public List<Unfinished> unfinished() {
        var all = new ArrayList<Unfinished>();
        for (Path file : files()) {
            String name = name(file);
            if (held.contains(file)) {
                all.add(new Unfinished(name, true, null));
                continue;
            }
            try (FileChannel channel = open(file)) {
                if (channel == null) {
                    continue;
                }
                boolean living = !FileHold.take(channel);
                all.add(new Unfinished(name, living, living ? null : read(channel)));
            } catch (IOException e) {
                throw cannotWrite(file, e);
            }
        }
        return all;
    }

    /**
     * Gives a run up: nobody goes on with it. What was sent of it stays part of the run.
     *
     * @param run its id, or the name that {@link Unfinished} says
     * @return how many intents were given up
     * @throws StageException INVALID_CONFIG if a command carries it out now
     */
    public int abandon(String run) {
        int given = 0;
        for (Unfinished one : unfinished()) {
            if (!one.runId().equals(run) && !one.file().equals(run)) {
                continue;
            }
            if (one.living()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "another command is executing run %s: end that command first"
                                .formatted(one.runId()));
            }
            Path file = folder.resolve(one.file() + ".json");
            try {
                Files.deleteIfExists(file);
                given++;
            } catch (IOException e) {
                throw cannotWrite(file, e);
            }
        }
        return given;
    }

    private List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    /** Empty if another command holds it, or if nobody can go on with it. */
    private Optional<Claim> readable(Path file) {
        try {
            return claim(file);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<Claim> claim(Path file) throws IOException {
        FileChannel channel = open(file);
        if (channel == null) {
            return Optional.empty();
        }
        boolean mine = false;
        try {
            // Between our look and our hold its owner may have finished it.
            Intent intent = FileHold.take(channel) && Files.exists(file) ? read(channel) : null;
            if (intent == null) {
                return Optional.empty();
            }
            mine = true;
            return Optional.of(new Claim(file, intent, channel));
        } finally {
            if (!mine) {
                channel.close();
            }
        }
    }

    private static @Nullable FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Null if its text is no intent of this build. */
    private static @Nullable Intent read(FileChannel channel) throws IOException {
        var bytes = ByteBuffer.allocate((int) channel.size());
        int read;
        do {
            read = channel.read(bytes, bytes.position());
        } while (read >= 0 && bytes.hasRemaining());
        try {
            return JSON.readValue(bytes.array(), 0, bytes.position(), Intent.class);
        } catch (IOException e) {
            return null;
        }
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ".json".length());
    }

    private static void close(Claim claim) {
        try {
            claim.close();
        } catch (IOException e) {
            throw cannotWrite(claim.file, e);
        }
    }

    private static StageException cannotWrite(Path file, IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "cannot use %s: %s; free space, correct its permissions, or choose another folder with --data"
                        .formatted(file, e),
                e);
    }
}
