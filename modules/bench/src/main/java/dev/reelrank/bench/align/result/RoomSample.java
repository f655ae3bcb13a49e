package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomScene;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * One plain room of a split as a sample.
 *
 * @param split whose it is
 * @param index in the split
 * @param judge of its clips
 */
record RoomSample(Split split, int index, RoomJudge judge) implements Sample {
    static List<RoomSample> range(Split split, int from, int count, RoomJudge judge) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> new RoomSample(split, i, judge))
                .toList();
    }

    @Override
    public String id() {
        return "room-%s-%d".formatted(split.name().toLowerCase(Locale.ROOT), index);
    }

    RoomScene scene() {
        return RoomMaker.plain(split.seed(index));
    }

    @Override
    public String prompt() {
        return scene().prompt();
    }

    @Override
    public RgbImage image() {
        return RoomTruth.first(scene());
    }

    @Override
    public Shown look() {
        var truth = new RoomTruth(scene());
        return new Shown(truth.first(), clip -> judge.figures(truth, clip));
    }
}
