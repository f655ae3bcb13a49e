package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One video of a chunk and how far its grading has come. A phase looks at it and returns what is
 * found then; the item itself never changes.
 *
 * @param frames how many representative frames the language phase looks at
 * @param found what the phases before have found
 * @param failure why no phase looks at it any more, null while it goes well
 * @param judge who says whether people would prefer it; null for the linear preference model
 */
record Item(
        VideoFile video,
        int frames,
        Found found,
        @Nullable StageException failure,
        JudgePhase.@Nullable By judge) {
    /** A video that no phase has looked at. */
    static Item of(VideoFile video, int frames) {
        return new Item(video, frames, Found.knowing(video.facts()), null, null);
    }

    /** One whose inputs could not even be opened: no phase looks at it. */
    static Item failed(String prompt, StageException failure) {
        var nothing = new VideoFile(prompt, null, new RgbImage(1, 1, new byte[3]), Path.of(""));
        return of(nothing, 1).with(failure);
    }

    Item with(Found next) {
        return new Item(video, frames, next, failure, judge);
    }

    Item with(StageException why) {
        return new Item(video, frames, found, why, judge);
    }

    /** The same, judged by an adapter of the vision-language model. */
    Item judgedBy(JudgePhase.@Nullable By by) {
        return new Item(video, frames, found, failure, by);
    }
}
