package dev.reelrank.bench.align;

import dev.reelrank.alignment.train.Checkpoints;
import java.nio.file.Path;
import java.util.List;

/** A measurement ends with its process: nothing is kept. */
final class NothingKept implements Checkpoints {
    @Override
    public void store(long step, Path file) {}

    @Override
    public List<Stored> newestFirst() {
        return List.of();
    }
}
