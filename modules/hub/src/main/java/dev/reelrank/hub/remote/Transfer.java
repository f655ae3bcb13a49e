package dev.reelrank.hub.remote;

import dev.reelrank.hub.content.PartialContent;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.util.function.LongConsumer;

/** One file from one endpoint: ranges until all bytes are here, then the hash. */
final class Transfer {
    private static final int PIECE = 1 << 18;

    private final HubClient client;
    private final String repository;
    private final String commit;
    private final RepositoryFile file;
    private final PartialContent part;
    private final LongConsumer moved;
    private boolean wasWrong;

    Transfer(
            HubClient client,
            String repository,
            String commit,
            RepositoryFile file,
            PartialContent part,
            LongConsumer moved) {
        this.client = client;
        this.repository = repository;
        this.commit = commit;
        this.file = file;
        this.part = part;
        this.moved = moved;
    }

    void run(Retries retries) throws InterruptedException {
        while (true) {
            long before = part.size();
            try {
                if (part.size() < file.size()) {
                    receive();
                }
                if (part.size() == file.size()) {
                    if (part.isWhole()) {
                        return;
                    }
                    refuse();
                }
            } catch (BadRange e) {
                drop();
                retries.pause(e, false);
            } catch (IOException e) {
                retries.pause(e, Hub.isProgress(before, part.size()));
            }
        }
    }

    private void receive() throws IOException, InterruptedException {
        try (var body = client.open(repository, commit, file, part.size(), part.etag())) {
            if (body.from() != part.size()) {
                // The server sends all of it: it has another version, or knows no ranges.
                drop();
            }
            part.continueAs(body.etag());
            var piece = new byte[PIECE];
            for (int n = body.in().read(piece, 0, PIECE);
                    n >= 0;
                    n = body.in().read(piece, 0, PIECE)) {
                if (n > file.size() - part.size()) {
                    drop();
                    throw mismatch("sends more than the " + file.size() + " bytes of the listing");
                }
                part.append(piece, n);
                moved.accept(n);
            }
        }
        if (part.size() < file.size()) {
            throw new TryAgain(
                    "%s broke off after %d of %d bytes"
                            .formatted(client.host(), part.size(), file.size()));
        }
    }

    /** Bytes of a broken transfer may be wrong once. From the beginning, they are what is there. */
    private void refuse() throws TryAgain {
        drop();
        if (wasWrong) {
            throw mismatch("sent other bytes than the listing's hash " + file.hash().text());
        }
        wasWrong = true;
        throw new TryAgain("the bytes of " + file.path() + " have another hash");
    }

    private void drop() {
        moved.accept(-part.size());
        part.restart();
    }

    private StageException mismatch(String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s of %s: %s %s. Nothing of it was kept; a proxy may alter it: try again, or another --endpoint"
                        .formatted(file.path(), repository, client.host(), what));
    }
}
