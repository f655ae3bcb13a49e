package dev.reelrank.client.export;

import static java.util.Objects.requireNonNull;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Exports the winners of a run as one archive: {@code RUN/<sample_id>.mp4}, and {@code
 * RUN/sha256sums.txt}, which {@code sha256sum -c} reads.
 *
 * <p>All videos are checked before the first is encoded. Everything is made in a hidden folder
 * beside the archive, which the next export of the same archive removes if this one is killed. The
 * archive gets its name when the disk has all of it.
 */
public final class RunExport {
    private static final String SUMS = "sha256sums.txt";

    private final ResultStore store;
    private final ExportOptions options;
    private final Finish finish;
    private final Consumer<String> progress;

    /**
     * @param finish what is done to every frame
     * @param progress takes a line per video
     */
    public RunExport(
            ResultStore store, ExportOptions options, Finish finish, Consumer<String> progress) {
        this.finish = finish;
        this.store = store;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Writes the archive; an existing one is replaced.
     *
     * @throws StageException INVALID_CONFIG if the run still goes on, NO_CANDIDATE if samples have
     *     no video, UNREADABLE_VIDEO if some do not decode, OUT_OF_DISK. Nothing is written then
     */
    public ExportSummary write(RunView run) {
        List<ExportItem> items = ExportItem.of(run);
        Path part =
                options.archive().resolveSibling("." + options.archive().getFileName() + ".part");
        try {
            Files.createDirectories(requireNonNull(part.getParent(), "an archive in no folder"));
            try (FileHold hold = FileHold.of(part.resolveSibling(part.getFileName() + ".lock"))) {
                if (hold == null) {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "another export writes %s; wait for it, or name another file with --out"
                                    .formatted(options.archive()));
                }
                remove(part);
                try {
                    return write(run, items, part);
                } finally {
                    remove(part);
                    Files.deleteIfExists(part.resolveSibling(part.getFileName() + ".lock"));
                }
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private ExportSummary write(RunView run, List<ExportItem> items, Path part) throws IOException {
        Path videos = Files.createDirectories(part.resolve("videos"));
        Path originals = Files.createDirectories(part.resolve("originals"));
        long originalBytes = items.stream().mapToLong(i -> i.video().video().size()).sum();
        requireSpace(originalBytes);
        ExecutorService workers = Executors.newFixedThreadPool(options.jobs());
        try {
            Map<String, Path> checked = check(run.runId(), items, originals, workers);
            var padded = new ConcurrentSkipListSet<String>();
            encode(items, checked, videos, padded, workers);

            List<Path> files = listed(videos);
            long encodedBytes = 0;
            for (Path file : files) {
                encodedBytes += Files.size(file);
            }
            files.add(sums(videos, files));
            Instant time = run.run().orElseThrow().at();
            Path archive = part.resolve("archive");
            Archive.write(archive, run.runId(), files, time);
            long archiveBytes = Files.size(archive);
            if (options.keep()) {
                keep(videos);
            }
            WholeFile.move(archive, options.archive());
            return new ExportSummary(
                    run.runId(),
                    items.size(),
                    originalBytes,
                    encodedBytes,
                    archiveBytes,
                    options.archive().toString(),
                    options.keep() ? options.keptFolder().toString() : "",
                    List.copyOf(padded));
        } finally {
            workers.shutdownNow();
        }
    }

    /** What is encoded is smaller, but lies there twice before the archive has its name. */
    private void requireSpace(long bytes) throws IOException {
        long free =
                Files.getFileStore(requireNonNull(options.archive().getParent())).getUsableSpace();
        if (free < bytes) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "%d MB are free beside %s, and the videos to export have %d MB; free some, or name another folder with --out"
                            .formatted(free >> 20, options.archive(), bytes >> 20));
        }
    }

    private Map<String, Path> check(
            String runId, List<ExportItem> items, Path scratch, ExecutorService workers) {
        var checked = new ConcurrentSkipListMap<String, Path>();
        var bad = new ConcurrentSkipListMap<String, String>();
        all(
                workers,
                items,
                item -> {
                    try {
                        Path video = store.fetch(item.video().video(), scratch);
                        VideoEncoding.check(video, item.video());
                        checked.put(item.sampleId(), video);
                    } catch (StageException e) {
                        // A store that is away says nothing about the video.
                        if (e.code() == FailureCode.STORE_UNAVAILABLE
                                || e.code() == FailureCode.OUT_OF_DISK) {
                            throw e;
                        }
                        bad.put(item.sampleId(), String.valueOf(e.getMessage()));
                    }
                });
        if (!bad.isEmpty()) {
            var lines = new ArrayList<String>();
            bad.forEach((id, why) -> lines.add(id + " (" + why + ")"));
            throw new StageException(
                    FailureCode.UNREADABLE_VIDEO,
                    "%d of %d videos of run %s are missing or do not decode, so nothing was written: %s; have them made again with: reelrank replay --run %s --from candidate"
                            .formatted(
                                    bad.size(),
                                    items.size(),
                                    runId,
                                    String.join(", ", lines),
                                    runId));
        }
        return checked;
    }

    private void encode(
            List<ExportItem> items,
            Map<String, Path> checked,
            Path videos,
            ConcurrentSkipListSet<String> padded,
            ExecutorService workers) {
        all(
                workers,
                items,
                item -> {
                    Path to = videos.resolve(item.sampleId() + ".mp4");
                    Path from = requireNonNull(checked.get(item.sampleId()));
                    if (VideoEncoding.encode(from, to, item.video().fps(), options, finish)) {
                        padded.add(item.sampleId());
                    }
                    progress.accept(
                            "%s: %d -> %d kB"
                                    .formatted(
                                            item.sampleId(),
                                            Files.size(from) / 1000,
                                            Files.size(to) / 1000));
                });
    }

    private interface Work {
        void on(ExportItem item) throws IOException;
    }

    /** The first failure ends the rest. */
    private void all(ExecutorService workers, List<ExportItem> items, Work work) {
        var pending = new ArrayList<Future<Void>>();
        for (ExportItem item : items) {
            Callable<Void> task =
                    () -> {
                        work.on(item);
                        return null;
                    };
            pending.add(workers.submit(task));
        }
        try {
            for (Future<Void> one : pending) {
                one.get();
            }
        } catch (ExecutionException e) {
            workers.shutdownNow();
            Throwable cause = e.getCause();
            if (cause instanceof StageException known) {
                throw known;
            }
            if (cause instanceof IOException disk) {
                throw cannotWrite(disk);
            }
            throw new IllegalStateException("an export task failed", cause);
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
            throw new StageException(FailureCode.CANCELLED, "the export was interrupted", e);
        }
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return new ArrayList<>(files.sorted().toList());
        }
    }

    private static Path sums(Path folder, List<Path> files) throws IOException {
        var text = new StringBuilder();
        for (Path file : files) {
            text.append(Sha256.of(file)).append("  ").append(file.getFileName()).append('\n');
        }
        return Files.writeString(folder.resolve(SUMS), text, StandardCharsets.UTF_8);
    }

    private void keep(Path videos) throws IOException {
        Path kept = options.keptFolder();
        remove(kept);
        WholeFile.move(videos, kept);
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var walk = Files.walk(folder)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private StageException cannotWrite(IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "cannot write %s: %s; free some space or name another file with --out"
                        .formatted(options.archive(), e),
                e);
    }
}
