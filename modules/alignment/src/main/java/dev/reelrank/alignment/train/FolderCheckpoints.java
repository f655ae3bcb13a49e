package dev.reelrank.alignment.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checkpoints as files of a folder; a few of the newest are kept. */
public final class FolderCheckpoints implements Checkpoints {
    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,12})\\.safetensors");

    private final Path folder;
    private final int kept;

    /**
     * @param folder is made when needed
     * @param kept how many stay, at least 2: the newest may be damaged
     */
    public FolderCheckpoints(Path folder, int kept) {
        if (kept < 2) {
            throw new IllegalArgumentException("kept must be at least 2, was " + kept);
        }
        this.folder = folder;
        this.kept = kept;
    }

    @Override
    public void store(long step, Path file) {
        Path target = folder.resolve("checkpoint-" + step + ".safetensors");
        try {
            WholeFile.write(
                    target,
                    part -> Files.copy(file, part),
                    WholeFile.Care.ON_DISK,
                    WholeFile.Care.ONE_WRITER);
            var all = newestFirst();
            for (var old : all.subList(Math.min(kept, all.size()), all.size())) {
                Files.deleteIfExists(old.file());
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot store the checkpoint of step %d in %s: %s"
                            .formatted(step, folder, e.getMessage()),
                    e);
        }
    }

    @Override
    public List<Stored> newestFirst() {
        var found = new ArrayList<Stored>();
        if (Files.isDirectory(folder)) {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Matcher name = NAME.matcher(file.getFileName().toString());
                    if (name.matches()) {
                        found.add(new Stored(Long.parseLong(name.group(1)), file));
                    }
                }
            } catch (IOException e) {
                throw new StageException(
                        FailureCode.STORE_UNAVAILABLE,
                        "cannot list the checkpoints in " + folder + ": " + e.getMessage(),
                        e);
            }
        }
        found.sort(Comparator.comparingLong(Stored::step).reversed());
        return found;
    }
}
