package dev.reelrank.alignment.curve;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/**
 * A TensorBoard event file: {@code tensorboard --logdir FOLDER} shows its numbers while it grows. A
 * training that goes on writes a file of its own into the same folder; TensorBoard joins them.
 */
public final class EventFile implements AutoCloseable {
    private final Path file;
    private final Clock clock;
    private final OutputStream out;

    private EventFile(Path file, Clock clock, OutputStream out) {
        this.file = file;
        this.clock = clock;
        this.out = out;
    }

    /**
     * Begins a file of its own in a folder.
     *
     * @param folder is made if it is not there
     * @param writer who writes, for the file's name: a host or a worker
     * @throws StageException OUT_OF_DISK when it cannot be written
     */
    public static EventFile create(Path folder, String writer, Clock clock) {
        double now = seconds(clock.instant());
        String safe = writer.replaceAll("[^A-Za-z0-9_-]", "-");
        try {
            Files.createDirectories(folder);
            Path file = free(folder, "events.out.tfevents.%d.%s".formatted((long) now, safe));
            var events =
                    new EventFile(
                            file,
                            clock,
                            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
            events.write(EventRecord.version(now));
            return events;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write events to " + folder + ": " + e.getMessage(),
                    e);
        }
    }

    private static Path free(Path folder, String name) {
        Path file = folder.resolve(name);
        for (int again = 1; Files.exists(file); again++) {
            file = folder.resolve(name + "." + again);
        }
        return file;
    }

    private static double seconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / 1e9;
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    /**
     * Appends the numbers of a step and flushes them.
     *
     * @param values by tags such as {@code train/loss}
     * @throws StageException OUT_OF_DISK when they cannot be written
     */
    public void scalars(long step, Map<String, Double> values) {
        write(EventRecord.scalars(seconds(clock.instant()), step, values));
    }

    private void write(byte[] record) {
        try {
            out.write(record);
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private StageException failed(IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "cannot write events to " + file + ": " + e.getMessage(),
                e);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
