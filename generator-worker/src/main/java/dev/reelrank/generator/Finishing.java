package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.torch.SideThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What candidates of a batch need no device for, on a thread of its own: the end of a video's file
 * and its way into the store, beside the steps of the next candidate; the next candidate's image,
 * beside the steps of the one before. One candidate at a time is being finished.
 *
 * <p>A batch of one is finished where it is computed: there is nothing to go on with.
 */
final class Finishing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Finishing.class);

    private final StageContext context;
    private final Function<CandidateRequest, RgbImage> read;
    private final List<@Nullable Outcome<CandidateResult>> outcomes;
    private final @Nullable ExecutorService thread;

    private @Nullable Future<Outcome<CandidateResult>> last;
    private int lastItem;
    private @Nullable CandidateRequest next;
    private @Nullable Future<RgbImage> nextImage;

    /**
     * @param read fetches and decodes a request's image
     */
    Finishing(StageContext context, int requests, Function<CandidateRequest, RgbImage> read) {
        this.context = context;
        this.read = read;
        this.outcomes = new ArrayList<>(Collections.nCopies(requests, null));
        this.thread =
                requests == 1
                        ? null
                        : Executors.newSingleThreadExecutor(
                                task -> {
                                    var named = new Thread(task, "candidate-finisher");
                                    named.setDaemon(true);
                                    return named;
                                });
    }

    /** Reads the image of the request that comes next. */
    void expect(CandidateRequest request) {
        if (thread != null && request.image() != null) {
            next = request;
            nextImage = thread.submit(() -> read.apply(request));
        }
    }

    /**
     * The image of a request that has one.
     *
     * @throws StageException as {@code read} does: what went wrong while nobody waited for it is
     *     tried again, for the candidate that needs it
     */
    RgbImage image(CandidateRequest request) {
        var expected = nextImage;
        if (expected != null && request.equals(next)) {
            nextImage = null;
            try {
                return SideThread.await(expected);
            } catch (RuntimeException e) {
                LOG.info("the image is read again: {}", e.toString());
            }
        }
        return read.apply(request);
    }

    /** A candidate that ended on the device's thread. */
    void ended(int item, Outcome<CandidateResult> outcome) {
        outcomes.set(item, outcome);
    }

    /**
     * A candidate that needs the device no more.
     *
     * @param rest what is left to do
     */
    void begin(int item, Supplier<Outcome<CandidateResult>> rest) {
        if (thread == null) {
            outcomes.set(item, rest.get());
            return;
        }
        var before = last;
        int itemBefore = lastItem;
        // First, so that it ends even if the one before did not end well.
        last = thread.submit(rest::get);
        lastItem = item;
        if (before != null) {
            settle(itemBefore, before);
        }
    }

    /** Between two steps: says what has been finished meanwhile. */
    void look() {
        if (last != null && last.isDone()) {
            settle();
        }
    }

    private void settle() {
        var finished = last;
        if (finished != null) {
            last = null;
            settle(lastItem, finished);
        }
    }

    private void settle(int item, Future<Outcome<CandidateResult>> finished) {
        var outcome = SideThread.await(finished);
        outcomes.set(item, outcome);
        if (outcomes.contains(null)) {
            context.ended(item, outcome);
        }
    }

    /** One a request, in their order; waits for what is not finished. */
    List<Outcome<CandidateResult>> outcomes() {
        settle();
        return outcomes.stream().map(o -> Objects.requireNonNull(o, "an item has no end")).toList();
    }

    /** A listener that also looks. */
    GenerationListener looking(int item) {
        return new GenerationListener() {
            @Override
            public void step(int step, int of) {
                context.progress(item, step, of);
                look();
            }

            @Override
            public boolean cancelled() {
                return context.cancelled();
            }
        };
    }

    /** Waits for what is being finished: it is not lost because the one after it failed. */
    @Override
    public void close() {
        try {
            settle();
        } catch (RuntimeException e) {
            LOG.warn("a candidate could not be finished", e);
        } finally {
            Optional.ofNullable(thread).ifPresent(ExecutorService::shutdownNow);
        }
    }
}
