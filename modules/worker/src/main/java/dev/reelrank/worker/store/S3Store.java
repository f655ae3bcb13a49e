package dev.reelrank.worker.store;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A store in a bucket of Amazon S3 or of another server that speaks S3 and honours conditional
 * writes ({@code If-None-Match: *}).
 *
 * <p>An object appears whole or not at all. Uploads carry their SHA-256, which the server checks
 * and keeps: it checks whether a blob exists with the right bytes without reading it, where the
 * server gives the checksum back, and by reading it where not. Credentials are found as every AWS
 * tool finds them.
 */
public final class S3Store implements ResultStore {
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int ATTEMPTS = 5;

    /** Younger than this, an object's age is left alone: it costs a copy. */
    private static final Duration YOUNG = Duration.ofHours(12);

    private static final String RESULT_TYPE = "application/octet-stream";

    private final S3Location location;
    private final InputRoots inputs;
    private final S3Deadlines deadlines;
    private final S3Client client;

    private S3Store(
            S3Location location, InputRoots inputs, S3Deadlines deadlines, S3Client client) {
        this.location = location;
        this.inputs = inputs;
        this.deadlines = deadlines;
        this.client = client;
    }

    /**
     * @param uri {@code s3://bucket/prefix}, with {@code ?region=} and {@code &endpoint=} where
     *     needed
     * @throws StageException INVALID_CONFIG if it is none, STORE_UNAVAILABLE if the bucket cannot
     *     be reached
     */
    static S3Store open(String uri, InputRoots inputs) {
        return open(uri, inputs, S3Deadlines.STANDARD);
    }

    static S3Store open(String uri, InputRoots inputs, S3Deadlines deadlines) {
        var location = S3Location.parse(uri);
        return new S3Store(location, inputs, deadlines, client(location, deadlines));
    }

    /** What the bucket holds. */
    static StoreContents contents(String uri) {
        var location = S3Location.parse(uri);
        return new S3Contents(location, client(location, S3Deadlines.STANDARD));
    }

    /** A client that has found the bucket. */
    private static S3Client client(S3Location location, S3Deadlines deadlines) {
        var builder =
                S3Client.builder()
                        .region(Region.of(location.region()))
                        .overrideConfiguration(
                                c ->
                                        c.apiCallTimeout(deadlines.call())
                                                .apiCallAttemptTimeout(deadlines.attempt()))
                        .httpClientBuilder(
                                ApacheHttpClient.builder()
                                        .connectionTimeout(deadlines.connect())
                                        .socketTimeout(deadlines.silence()));
        if (location.endpoint() != null) {
            builder.endpointOverride(location.endpoint()).forcePathStyle(true);
        }
        var client = builder.build();
        try {
            client.headBucket(b -> b.bucket(location.bucket()));
            return client;
        } catch (SdkException e) {
            client.close();
            throw S3Failures.of(location, "find the bucket", e);
        }
    }

    @Override
    public BlobRef putBlob(Path file, String mediaType) {
        try {
            var ref = ref(Sha256.of(file), Files.size(file), mediaType);
            put(ref, RequestBody.fromFile(file));
            return ref;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "cannot read " + file + " to store it: " + e, e);
        }
    }

    @Override
    public BlobRef putBlob(byte[] bytes, String mediaType) {
        var ref = ref(Sha256.of(bytes), bytes.length, mediaType);
        put(ref, RequestBody.fromBytes(bytes));
        return ref;
    }

    private static BlobRef ref(String sha256, long size, String mediaType) {
        return new BlobRef(LocalStore.URI_PREFIX + sha256, sha256, size, mediaType);
    }

    private void put(BlobRef ref, RequestBody body) {
        if (holds(ref)) {
            return;
        }
        attempt(
                "put a blob",
                () ->
                        client.putObject(
                                b ->
                                        b.bucket(location.bucket())
                                                .key(key(ref))
                                                .contentType(ref.mediaType())
                                                .checksumSHA256(base64(ref.sha256())),
                                body));
    }

    /** Looks for the bucket, in one short attempt. */
    @Override
    public void check() {
        attempt(
                "find the bucket",
                () ->
                        client.headBucket(
                                b ->
                                        b.bucket(location.bucket())
                                                .overrideConfiguration(
                                                        c -> c.apiCallTimeout(deadlines.check()))));
    }

    /** At most a byte more than there should be: then its hash tells. */
    private void copy(InputStream in, Path target, BlobRef ref) throws IOException {
        long until = System.nanoTime() + deadlines.reading(ref.size()).toNanos();
        try (var out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            var buffer = new byte[1 << 16];
            long left = ref.size();
            while (left >= 0) {
                if (System.nanoTime() > until) {
                    throw new StageException(
                            FailureCode.STORE_UNAVAILABLE,
                            "store %s has sent only %d of %d bytes of %s within %d s"
                                    .formatted(
                                            location,
                                            ref.size() - left,
                                            ref.size(),
                                            ref.uri(),
                                            deadlines.reading(ref.size()).toSeconds()));
                }
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left + 1));
                if (n < 0) {
                    return;
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
    }

    @Override
    public Path fetch(BlobRef ref, Path scratch) {
        if (ref.uri().startsWith("file:")) {
            return LocalStore.verified(inputs.locate(ref.uri()), ref);
        }
        var target = scratch.resolve(ref.sha256());
        if (Files.exists(target)) {
            return LocalStore.verified(target, ref);
        }
        return attempt(
                "fetch " + ref.uri(),
                () -> {
                    try (InputStream in =
                            client.getObject(b -> b.bucket(location.bucket()).key(key(ref)))) {
                        copy(in, target, ref);
                    } catch (NoSuchKeyException e) {
                        throw new StageException(
                                FailureCode.INPUT_LOST,
                                ref.uri() + " is gone from store " + location,
                                e);
                    } catch (IOException e) {
                        throw LocalFailures.of(scratch, "fetch " + ref.uri(), e);
                    }
                    return LocalStore.verified(target, ref);
                });
    }

    @Override
    public boolean holds(BlobRef ref) {
        if (ref.uri().startsWith("file:")) {
            return LocalStore.matches(inputs.locate(ref.uri()), ref);
        }
        return attempt(
                "look for " + ref.uri(),
                () -> {
                    try {
                        var head =
                                client.headObject(
                                        b ->
                                                b.bucket(location.bucket())
                                                        .key(key(ref))
                                                        .checksumMode(ChecksumMode.ENABLED));
                        if (head.contentLength() != ref.size()) {
                            return false;
                        }
                        renew(key(ref), ref.mediaType(), head.lastModified());
                        return head.checksumSHA256() != null
                                ? head.checksumSHA256().equals(base64(ref.sha256()))
                                : ref.sha256().equals(readHash(ref));
                    } catch (NoSuchKeyException e) {
                        return false;
                    }
                });
    }

    /** Says that an object is used: what is young is not removed ({@link StoreContents}). */
    private void renew(String key, String mediaType, Instant modified) {
        if (modified.isAfter(Instant.now().minus(YOUNG))) {
            return;
        }
        // A server sets a new time where something else changes too.
        client.copyObject(
                b ->
                        b.sourceBucket(location.bucket())
                                .sourceKey(key)
                                .destinationBucket(location.bucket())
                                .destinationKey(key)
                                .contentType(mediaType)
                                .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                                .metadataDirective(MetadataDirective.REPLACE)
                                .metadata(Map.of("used", Instant.now().toString())));
    }

    private String readHash(BlobRef ref) {
        return Sha256.of(
                client.getObjectAsBytes(b -> b.bucket(location.bucket()).key(key(ref)))
                        .asByteArray());
    }

    @Override
    public Optional<byte[]> result(String inputKey) {
        return attempt(
                "read result " + inputKey,
                () -> {
                    try {
                        var found =
                                client.getObjectAsBytes(
                                        b -> b.bucket(location.bucket()).key(resultKey(inputKey)));
                        renew(resultKey(inputKey), RESULT_TYPE, found.response().lastModified());
                        return Optional.of(found.asByteArray());
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    }
                });
    }

    @Override
    public byte[] putResultIfAbsent(String inputKey, byte[] event) {
        for (int attempt = 1; ; attempt++) {
            try {
                client.putObject(
                        b ->
                                b.bucket(location.bucket())
                                        .key(resultKey(inputKey))
                                        .contentType(RESULT_TYPE)
                                        .ifNoneMatch("*"),
                        RequestBody.fromBytes(event));
                return event;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    var winner = result(inputKey);
                    if (winner.isPresent()) {
                        return winner.get();
                    }
                    // Set aside between the two calls: try again.
                } else if (e.statusCode() != CONFLICT) {
                    throw S3Failures.of(location, "store result " + inputKey, e);
                }
                if (attempt == ATTEMPTS) {
                    throw S3Failures.of(location, "store result " + inputKey, e);
                }
            } catch (SdkException e) {
                throw S3Failures.of(location, "store result " + inputKey, e);
            }
        }
    }

    @Override
    public void setAside(String inputKey) {
        attempt(
                "set aside result " + inputKey,
                () -> {
                    try {
                        client.copyObject(
                                b ->
                                        b.sourceBucket(location.bucket())
                                                .sourceKey(resultKey(inputKey))
                                                .destinationBucket(location.bucket())
                                                .destinationKey(
                                                        location.prefix()
                                                                + "aside/"
                                                                + inputKey
                                                                + "."
                                                                + Instant.now().toEpochMilli()));
                        client.deleteObject(
                                b -> b.bucket(location.bucket()).key(resultKey(inputKey)));
                    } catch (S3Exception e) {
                        // Another worker met the same damage a moment earlier.
                        if (e.statusCode() != NOT_FOUND) {
                            throw e;
                        }
                    }
                    return null;
                });
    }

    /** An object of at most 5 GB, as one upload takes it. */
    @Override
    public void putDraft(String inputKey, String name, Path file) {
        attempt(
                "keep the draft " + name,
                () ->
                        client.putObject(
                                b -> b.bucket(location.bucket()).key(draftKey(inputKey, name)),
                                RequestBody.fromFile(file)));
    }

    @Override
    public List<String> drafts(String inputKey) {
        String folder = draftKey(inputKey, "");
        return attempt(
                "list drafts",
                () ->
                        client
                                .listObjectsV2Paginator(
                                        b -> b.bucket(location.bucket()).prefix(folder))
                                .contents()
                                .stream()
                                .map(object -> object.key().substring(folder.length()))
                                .sorted()
                                .toList());
    }

    @Override
    public Optional<Path> fetchDraft(String inputKey, String name, Path scratch) {
        var target = scratch.resolve("draft-" + name);
        return attempt(
                "fetch the draft " + name,
                () -> {
                    try (InputStream in =
                            client.getObject(
                                    b ->
                                            b.bucket(location.bucket())
                                                    .key(draftKey(inputKey, name)))) {
                        Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
                        return Optional.of(target);
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    } catch (IOException e) {
                        throw LocalFailures.of(scratch, "fetch the draft " + name, e);
                    }
                });
    }

    @Override
    public void dropDraft(String inputKey, String name) {
        attempt(
                "drop the draft " + name,
                () ->
                        client.deleteObject(
                                b -> b.bucket(location.bucket()).key(draftKey(inputKey, name))));
    }

    @Override
    public void close() {
        client.close();
    }

    /** The store's address, for messages. */
    @Override
    public String toString() {
        return location.toString();
    }

    private String key(BlobRef ref) {
        if (!ref.uri().equals(LocalStore.URI_PREFIX + ref.sha256())) {
            throw new StageException(
                    FailureCode.INPUT_LOST,
                    "'" + ref.uri() + "' is not the address of a blob: use store:blobs/<sha256>");
        }
        return location.prefix() + "blobs/" + ref.sha256();
    }

    private String resultKey(String inputKey) {
        return location.prefix() + "results/" + inputKey;
    }

    private String draftKey(String inputKey, String name) {
        return location.prefix() + "drafts/" + inputKey + "/" + name;
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }

    private <T> T attempt(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw S3Failures.of(location, what, e);
        }
    }
}
