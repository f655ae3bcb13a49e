package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that a comparison leaves: {@code report.json}, {@code index.html}, and {@code
 * SAMPLE-SEED.mp4} and {@code .gif} per clip that was kept. The page shows the training's curves if
 * they lie beside it ({@code loss.png}, {@code rewards.png}, {@code accuracy.png}).
 */
public final class ReportFolder {
    private final Path folder;
    private final List<String> shown = new ArrayList<>();

    /**
     * @param folder is made when needed
     */
    public ReportFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot make " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Keeps a pair of clips side by side. */
    public void show(
            String sample, long seed, List<RgbImage> base, List<RgbImage> adapter, double fps) {
        String name = name(sample, seed);
        SideBySide.write(folder, name, base, adapter, fps);
        shown.add(name);
    }

    /**
     * Whether these clips lie here since an earlier comparison; if so the page shows them without
     * another {@link #show}.
     */
    public boolean shows(String sample, long seed) {
        String name = name(sample, seed);
        boolean there =
                Files.isRegularFile(folder.resolve(name + ".mp4"))
                        && Files.isRegularFile(folder.resolve(name + ".gif"));
        if (there && !shown.contains(name)) {
            shown.add(name);
        }
        return there;
    }

    private static String name(String sample, long seed) {
        return sample.replaceAll("[^A-Za-z0-9._-]", "_") + "-" + seed;
    }

    /**
     * Writes the report and the page.
     *
     * @throws StageException OUT_OF_DISK
     */
    public void write(ComparisonReport report) {
        report.write(folder.resolve("report.json"));
        try {
            Files.writeString(folder.resolve("index.html"), ReportPage.of(report, curves(), shown));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the page of " + folder + ": " + e.getMessage(),
                    e);
        }
    }

    private List<String> curves() {
        return Stream.of("loss.png", "rewards.png", "accuracy.png")
                .filter(name -> Files.isRegularFile(folder.resolve(name)))
                .toList();
    }
}
