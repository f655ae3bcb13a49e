package dev.reelrank.reranker;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.ranking.NaturalOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Which local file is preferred when the scores do not decide. */
final class DefaultOrder {
    private DefaultOrder() {}

    /**
     * Natural order of the file names, then content hash; a file named as the default comes first.
     * The order belongs to the files: naming them in another order changes nothing.
     *
     * @return one rank a video, 0 for the default
     * @throws StageException INVALID_CONFIG if the default is none of the videos
     */
    static int[] of(List<Path> videos, @Nullable Path preferred) {
        if (preferred != null && videos.stream().noneMatch(v -> same(v, preferred))) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--default " + preferred + " is not one of the videos " + videos);
        }
        Comparator<Integer> byPreference =
                Comparator.<Integer, Boolean>comparing(
                                i -> preferred == null || !same(videos.get(i), preferred))
                        .thenComparing(
                                i -> videos.get(i).getFileName().toString(), NaturalOrder.INSTANCE)
                        .thenComparing(i -> hash(videos.get(i)))
                        .thenComparing(i -> i);
        var order = IntStream.range(0, videos.size()).boxed().sorted(byPreference).toList();
        var ranks = new int[videos.size()];
        for (int rank = 0; rank < ranks.length; rank++) {
            ranks[order.get(rank)] = rank;
        }
        return ranks;
    }

    private static boolean same(Path a, Path b) {
        return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    }

    private static String hash(Path video) {
        try {
            return Sha256.of(video);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.UNREADABLE_VIDEO,
                    "cannot read the video " + video + ": does it exist, and is it readable?",
                    e);
        }
    }
}
