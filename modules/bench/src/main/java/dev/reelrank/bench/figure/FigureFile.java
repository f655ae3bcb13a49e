package dev.reelrank.bench.figure;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --json}, the file that the figures of a benchmark go to: a mixin. */
public final class FigureFile {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write the figures to this file.")
    private @Nullable Path file;

    /**
     * Files of earlier calls, once each of them is known to be there.
     *
     * @throws StageException INVALID_CONFIG naming the one that is not
     */
    public static List<Path> earlier(List<Path> files) {
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "--again names "
                                + file
                                + ", which is no file: give --json files of earlier calls");
            }
        }
        return files;
    }

    /** Writes what was measured, indented; nothing where no file is wanted. */
    public void write(Object figures) throws IOException {
        write(file, figures);
    }

    /** The same for a file of another option. */
    static void write(@Nullable Path file, Object figures) throws IOException {
        if (file == null) {
            return;
        }
        var json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        // A call that is killed keeps what it measured.
        WholeFile.write(file, json.writeValueAsBytes(figures));
    }
}
