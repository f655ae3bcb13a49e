package dev.reelrank.reranker;

import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.PatchTokens;
import dev.reelrank.perception.PixelValues;
import dev.reelrank.pipeline.Box;
import dev.reelrank.ranking.Duplicates;
import dev.reelrank.ranking.FrameMeasures;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.ranking.Measures;
import dev.reelrank.ranking.PatchConcentration;
import dev.reelrank.ranking.PatchGrid;
import dev.reelrank.ranking.Vectors;
import dev.reelrank.reranker.FrameFeed.Frame;
import dev.reelrank.reranker.report.FrameView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Scores one candidate while its frames arrive.
 *
 * <p>A frame whose subject was segmented is cropped to its own box, one between to the box of the
 * nearest segmented frame whose mask is usable; where the candidate has none, to the reference's
 * box, for crops compare only with crops. A frame waits until that is decided, so at most the
 * frames between two usable masks are held.
 */
final class CandidateScoring {
    /** Frames that are embedded together; each with its crop makes one batch of DINOv3. */
    private static final int TOGETHER = 8;

    private static final int VIEWS = 6;

    private final Dinov3 dinov3;
    private final @Nullable SubjectFinder finder;
    private final Reference reference;
    private final boolean wantsViews;
    private final Stopwatch stopwatch;

    private final Deque<Frame> waiting = new ArrayDeque<>();
    private final List<FrameMeasures> measures = new ArrayList<>();
    private final List<FrameView> views = new ArrayList<>();
    private final SubjectMotion motion = new SubjectMotion();
    private final List<Integer> instances = new ArrayList<>();
    private int[] viewed = {};
    private int usableFrame = -1;
    private @Nullable Box usableBox;
    private float @Nullable [] previousCls;

    CandidateScoring(
            Dinov3 dinov3,
            @Nullable SubjectFinder finder,
            Reference reference,
            boolean wantsViews,
            Stopwatch stopwatch) {
        this.dinov3 = dinov3;
        this.finder = finder;
        this.reference = reference;
        this.wantsViews = wantsViews;
        this.stopwatch = stopwatch;
    }

    /**
     * Reads the feed to its end.
     *
     * @return false when it was cancelled in between
     */
    boolean read(FrameFeed feed, int videoFrames, int wanted, BooleanSupplier cancelled) {
        if (wantsViews) {
            viewed = FrameSelection.among(FrameSelection.evenly(videoFrames, wanted), VIEWS);
        }
        while (true) {
            var frame = stopwatch.time("waitForFrames", feed::next);
            if (frame == null) {
                break;
            }
            if (cancelled.getAsBoolean()) {
                return false;
            }
            waiting.add(frame);
            var look = frame.look();
            if (finder != null && look != null) {
                var view = finder.find(look);
                motion.take(frame.image(), view);
                instances.add(view.instances());
                if (view.usable() && view.box() != null) {
                    embedWaiting(frame.frame(), view.box());
                    usableFrame = frame.frame();
                    usableBox = view.box();
                }
            } else if (finder == null && waiting.size() == TOGETHER) {
                embedWaiting(frame.frame(), null);
            }
        }
        embedWaiting(Integer.MAX_VALUE, null);
        return true;
    }

    /**
     * @param nextFrame the frame of {@code next}
     * @param next box of the segmented frame that comes after (or is) what waits, null for none
     */
    private void embedWaiting(int nextFrame, @Nullable Box next) {
        while (!waiting.isEmpty()) {
            var frames = new ArrayList<Frame>();
            var boxes = new ArrayList<@Nullable Box>();
            while (!waiting.isEmpty() && frames.size() < TOGETHER) {
                var frame = waiting.remove();
                frames.add(frame);
                boxes.add(crop(frame, nextFrame, next));
            }
            embed(frames, boxes);
        }
    }

    private @Nullable Box crop(Frame frame, int nextFrame, @Nullable Box next) {
        if (!reference.view().usable()) {
            return null;
        }
        int width = frame.image().width();
        int height = frame.image().height();
        Box box;
        var before = usableBox;
        if (before == null) {
            box = next == null ? reference.boxOn(width, height) : next;
        } else if (next == null) {
            box = before;
        } else {
            // Of two equally near the earlier, as FrameSelection.nearest says.
            box = frame.frame() - usableFrame <= nextFrame - frame.frame() ? before : next;
        }
        return Reference.crop(box, width, height);
    }

    private void embed(List<Frame> frames, List<@Nullable Box> boxes) {
        var inputs = new ArrayList<PixelValues>();
        frames.forEach(f -> inputs.add(f.full()));
        for (int i = 0; i < frames.size(); i++) {
            var box = boxes.get(i);
            if (box != null) {
                inputs.add(dinov3.prepare(frames.get(i).image().cut(box)));
            }
        }
        var tokens = stopwatch.time("embed", () -> dinov3.tokensOf(inputs));
        int crops = frames.size();
        for (int i = 0; i < frames.size(); i++) {
            var full = tokens.get(i);
            var subject = boxes.get(i) == null ? full : tokens.get(crops++);
            measure(frames.get(i), boxes.get(i), full, subject);
        }
    }

    private void measure(Frame frame, @Nullable Box box, PatchTokens full, PatchTokens subject) {
        var grid = new PatchGrid(full.gridHeight(), full.gridWidth(), full.width(), full.patches());
        var heat = grid.cosines(reference.cls());
        var before = previousCls;
        measures.add(
                new FrameMeasures(
                        frame.frame(),
                        Vectors.cosine(subject.cls(), reference.subjectCls()),
                        Vectors.cosine(full.cls(), reference.cls()),
                        PatchConcentration.raw(heat),
                        before == null ? Double.NaN : Vectors.cosine(full.cls(), before),
                        Pictures.brightness(frame.image())));
        previousCls = full.cls();
        if (Arrays.binarySearch(viewed, frame.frame()) >= 0) {
            views.add(
                    new FrameView(
                            frame.frame(),
                            frame.image(),
                            box,
                            full.gridHeight(),
                            full.gridWidth(),
                            heat));
        }
    }

    /**
     * @param deeds what the prompt says that the subject does
     */
    Measures measures(PatchConcentration normalisation, List<Deed> deeds) {
        return Measures.of(
                        measures,
                        normalisation,
                        Duplicates.share(reference.view().instances(), instances))
                .withMotion(motion.term(deeds));
    }

    List<FrameMeasures> frames() {
        return List.copyOf(measures);
    }

    List<FrameView> views() {
        return List.copyOf(views);
    }
}
