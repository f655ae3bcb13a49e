package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.PairCheck;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.train.LatentsInspector;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the sides of pairs out of the store, every frame of them. */
final class PairInspector implements PairCheck.Inspector {
    private final ResultStore store;

    PairInspector(ResultStore store) {
        this.store = store;
    }

    @Override
    public PairCheck.Content inspect(PairVideo side) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("reelrank-pairs");
            Path file = store.fetch(side.blob(), folder);
            if (side.form() == PairVideo.Form.LATENTS) {
                return LatentsInspector.inspect(file);
            }
            long frames = 0;
            try (var reader = VideoReader.open(file)) {
                while (reader.next() != null) {
                    frames++;
                }
                var info = reader.info();
                return new PairCheck.Content(
                        List.of((long) info.width(), (long) info.height(), frames), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary folder", e);
        } finally {
            TemporaryFolder.delete(folder);
        }
    }
}
