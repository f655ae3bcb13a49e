package dev.reelrank.worker.store;

import java.time.Instant;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** What the store in a bucket holds. */
final class S3Contents implements StoreContents {
    private final S3Location location;
    private final S3Client client;

    S3Contents(S3Location location, S3Client client) {
        this.location = location;
        this.client = client;
    }

    @Override
    public void each(Consumer<Entry> receiver) {
        try {
            for (var part : Part.values()) {
                var prefix = location.prefix() + part.folder() + "/";
                client.listObjectsV2Paginator(b -> b.bucket(location.bucket()).prefix(prefix))
                        .contents()
                        .forEach(
                                object ->
                                        receiver.accept(
                                                new Entry(
                                                        part,
                                                        object.key().substring(prefix.length()),
                                                        object.size(),
                                                        object.lastModified())));
            }
        } catch (SdkException e) {
            throw S3Failures.of(location, "list what it holds", e);
        }
    }

    /** A bucket looks and removes in two steps, so the caller's age has to be days. */
    @Override
    public boolean remove(Entry entry, Instant before) {
        var key = location.prefix() + entry.part().folder() + "/" + entry.name();
        try {
            var head = client.headObject(b -> b.bucket(location.bucket()).key(key));
            if (!head.lastModified().isBefore(before)) {
                return false;
            }
            client.deleteObject(b -> b.bucket(location.bucket()).key(key));
            return true;
        } catch (NoSuchKeyException e) {
            return true;
        } catch (SdkException e) {
            throw S3Failures.of(location, "remove " + key, e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
