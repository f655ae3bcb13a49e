package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.List;

/**
 * Videos of a list that cannot be read: each is said at once, the others are measured, and the
 * command fails at its end.
 */
final class UnreadableVideos {
    private static final List<FailureCode> OF_ONE_VIDEO =
            List.of(FailureCode.UNREADABLE_VIDEO, FailureCode.INVALID_CONFIG);

    private final List<String> places = new ArrayList<>();

    /**
     * Says what is wrong with a video.
     *
     * @param place where the video is listed
     * @throws StageException this one, if it is not about the video alone
     */
    void add(String place, StageException failure) {
        if (!OF_ONE_VIDEO.contains(failure.code())) {
            throw failure;
        }
        places.add(place);
        System.err.println("reelrank: " + failure.getMessage());
    }

    /**
     * Fails if there was one.
     *
     * @throws StageException UNREADABLE_VIDEO that names all of them
     */
    void throwIfAny() {
        if (!places.isEmpty()) {
            throw new StageException(
                    FailureCode.UNREADABLE_VIDEO,
                    "%d could not be measured, as said above (%s); all others were"
                            .formatted(places.size(), String.join(", ", places)));
        }
    }
}
