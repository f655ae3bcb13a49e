package dev.reelrank.client.retention;

import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.StoreContents;
import dev.reelrank.worker.store.StoreContents.Part;
import java.time.Instant;

/**
 * What young results name. A worker stores a result before it reports it, and may find it again for
 * another run; its blobs stay as long as it does.
 */
final class YoungResults implements Namer {
    private final StoreContents contents;
    private final ResultStore store;
    private final Instant limit;
    private boolean told;

    /**
     * @param limit results that were used since this are young
     */
    YoungResults(StoreContents contents, ResultStore store, Instant limit) {
        this.contents = contents;
        this.store = store;
        this.limit = limit;
    }

    @Override
    public void tell(Names names) {
        // The blobs of a result that came later were put or found at the same time: they are young.
        if (told) {
            return;
        }
        told = true;
        contents.each(
                entry -> {
                    if (entry.part() == Part.RESULTS && !entry.usedAt().isBefore(limit)) {
                        store.result(entry.name()).ifPresent(names::addAllIn);
                    }
                });
    }
}
