package dev.reelrank.bench.gate;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.GradedFile;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * The evidence of clips on disk, one file a clip. Grading costs a second of CPU a clip; limits are
 * fitted again without any model. Evidence of other models or of another version of the stage lies
 * in a folder of its own.
 */
final class EvidenceCache {
    /** Clips that share each loading of the models. */
    private static final int CHUNK = 60;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final GradeStage stage;
    private final int cores;

    EvidenceCache(Path root, GradeStage stage, int cores) throws IOException {
        this.folder =
                root.resolve(
                        "v%d-%s"
                                .formatted(
                                        stage.version(),
                                        stage.measuring().sha256().substring(0, 16)));
        this.stage = stage;
        this.cores = cores;
        Files.createDirectories(folder);
    }

    private Path file(GateClip clip) {
        return folder.resolve(clip.id() + ".json");
    }

    boolean has(GateClip clip) {
        return Files.isRegularFile(file(clip));
    }

    Map<String, Evidence> read(GateClip clip) throws IOException {
        return JSON.readValue(file(clip).toFile(), new TypeReference<Map<String, Evidence>>() {});
    }

    /** Grades the clips that are not there yet. */
    void fill(List<GateClip> clips) throws IOException {
        var missing = clips.stream().filter(c -> !has(c)).toList();
        for (int from = 0; from < missing.size(); from += CHUNK) {
            grade(missing.subList(from, Math.min(missing.size(), from + CHUNK)));
            System.err.printf(
                    "%d of %d clips%n", Math.min(missing.size(), from + CHUNK), missing.size());
        }
    }

    private void grade(List<GateClip> clips) throws IOException {
        Path videos = Files.createTempDirectory("reelrank-gate");
        List<VideoFile> files = new ArrayList<>();
        try {
            for (var clip : clips) {
                files.add(clip.encoded(videos));
            }
            var graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.allOf(PhaseName.class),
                            GradeConfig.defaults(),
                            null,
                            cores);
            for (int i = 0; i < clips.size(); i++) {
                write(clips.get(i), graded.get(i));
            }
        } finally {
            for (var f : files) {
                Files.deleteIfExists(f.video());
            }
            Files.deleteIfExists(videos);
        }
    }

    private void write(GateClip clip, GradedFile graded) throws IOException {
        var result = graded.result();
        if (result == null) {
            throw new IllegalStateException(
                    "the clip " + clip.id() + " could not be graded", graded.failure());
        }
        WholeFile.write(file(clip), JSON.writeValueAsBytes(result.evidence()));
    }
}
