package dev.reelrank.bench.figure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * {@code --json} and {@code --out} of benchmarks that print a table for people or, instead, their
 * figures: a mixin.
 */
public final class PrintedFigures {
    @Option(names = "--json", description = "Print only the figures, as JSON.")
    private boolean json;

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the JSON to this file.")
    private @Nullable Path out;

    /** The file of {@code --out}; null if there is none. */
    public @Nullable Path out() {
        return out;
    }

    /** Writes what there is so far to the file of {@code --out}, for a call that is killed. */
    public void keep(ObjectNode figures) {
        try {
            FigureFile.write(out, figures);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + out, e);
        }
    }

    /**
     * Writes and prints.
     *
     * @param table prints for people
     */
    public void show(ObjectNode figures, Consumer<ObjectNode> table) throws IOException {
        FigureFile.write(out, figures);
        if (json) {
            System.out.println(figures.toPrettyString());
        } else {
            table.accept(figures);
        }
    }
}
