package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Successful reports under their input keys. The stored bytes are the event behind its SHA-256: an
 * altered bit could otherwise still decode, into another result.
 */
final class StoredReports {
    private static final Logger LOG = LoggerFactory.getLogger(StoredReports.class);
    private static final int DIGEST = 32;

    private final ResultStore store;
    private final ReportCodec codec;

    StoredReports(ResultStore store, ReportCodec codec) {
        this.store = store;
        this.codec = codec;
    }

    /**
     * The stored success, if it is whole and its blobs are there with their hashes. What is not
     * whole is set aside, so that it is computed again.
     */
    Optional<Succeeded> look(String inputKey) {
        var bytes = store.result(inputKey);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        var found = whole(inputKey, bytes.get());
        if (found == null) {
            store.setAside(inputKey);
        }
        return Optional.ofNullable(found);
    }

    /**
     * Keeps a success and answers the one that holds: this one, or that of a worker who was
     * quicker.
     */
    Succeeded keep(String inputKey, WorkReport report) {
        var own = (Succeeded) report.body();
        var event = codec.encode(report);
        var bytes =
                ByteBuffer.allocate(DIGEST + event.length)
                        .put(HexFormat.of().parseHex(Sha256.of(event)))
                        .put(event)
                        .array();
        for (int attempt = 0; attempt < 3; attempt++) {
            var stored = store.putResultIfAbsent(inputKey, bytes);
            if (stored == bytes) {
                return own;
            }
            var winner = whole(inputKey, stored);
            if (winner != null) {
                return winner;
            }
            store.setAside(inputKey);
        }
        // The store returns damaged bytes each time; the computed result is right nevertheless.
        LOG.error("could not store result {}: the stored file is damaged each time", inputKey);
        return own;
    }

    private @Nullable Succeeded whole(String inputKey, byte[] bytes) {
        try {
            if (bytes.length < DIGEST) {
                return damaged(inputKey, "only " + bytes.length + " bytes");
            }
            var event = Arrays.copyOfRange(bytes, DIGEST, bytes.length);
            var digest = HexFormat.of().formatHex(bytes, 0, DIGEST);
            if (!digest.equals(Sha256.of(event))) {
                return damaged(inputKey, "its bytes differ from those that were stored");
            }
            if (!(codec.decode(event).body() instanceof Succeeded success)
                    || !success.computation().inputKey().equals(inputKey)) {
                return damaged(inputKey, "it is the result of other work");
            }
            for (var blob : success.result().blobs()) {
                if (!store.holds(blob)) {
                    return damaged(inputKey, "its blob " + blob.uri() + " is missing or altered");
                }
            }
            return success;
        } catch (StageException e) {
            // The store itself; nothing is known about the result.
            throw e;
        } catch (RuntimeException e) {
            return damaged(inputKey, e.toString());
        }
    }

    private static @Nullable Succeeded damaged(String inputKey, String why) {
        LOG.warn("stored result {} is set aside and computed again: {}", inputKey, why);
        return null;
    }
}
