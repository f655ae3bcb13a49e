package dev.reelrank.hub.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.hub.content.ContentHash;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One hub, or one mirror of it. Requests may be made on several threads. */
final class HubClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");
    private static final int LARGEST_LISTING = 64 << 20;

    private final URI endpoint;
    private final Patience patience;
    private final Http http;
    private final Refusals refusals;
    private final ScheduledExecutorService clock;

    HubClient(URI endpoint, HubSettings settings) {
        this.endpoint = endpoint;
        this.patience = settings.patience();
        this.http = new Http(endpoint, settings);
        this.refusals = new Refusals(endpoint, http.token(), http.withholdsToken());
        this.clock =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            var thread = new Thread(task, "stalls");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /** For messages. */
    String host() {
        return endpoint.getHost();
    }

    /** The commit that a revision means now. */
    String commit(String repository, String revision) throws IOException, InterruptedException {
        String path = "/api/models/" + repository + "/revision/" + encoded(revision);
        try (var answer = http.send("GET", path, Map.of())) {
            String sha = json(answer, repository, revision, "the description").path("sha").asText();
            if (!sha.matches("[0-9a-f]{40}")) {
                throw noHub("the description of " + repository + " names no commit");
            }
            return sha;
        }
    }

    /** The files of a commit, over all pages. */
    List<RepositoryFile> files(String repository, String commit)
            throws IOException, InterruptedException {
        var files = new ArrayList<RepositoryFile>();
        String path = "/api/models/" + repository + "/tree/" + commit + "?recursive=true";
        while (!path.isEmpty()) {
            try (var answer = http.send("GET", path, Map.of())) {
                for (JsonNode entry : json(answer, repository, commit, "the listing")) {
                    if (entry.path("type").asText().equals("file")) {
                        files.add(file(entry, repository));
                    }
                }
                path = nextPage(answer);
            }
        }
        return files;
    }

    private RepositoryFile file(JsonNode entry, String repository) {
        JsonNode large = entry.path("lfs");
        try {
            var hash =
                    large.isObject()
                            ? new ContentHash(
                                    ContentHash.Kind.SHA256,
                                    large.path("oid").asText().replaceFirst("^sha256:", ""))
                            : new ContentHash(
                                    ContentHash.Kind.GIT_BLOB, entry.path("oid").asText());
            long size = (large.isObject() ? large : entry).path("size").asLong(-1);
            return new RepositoryFile(entry.path("path").asText(), size, hash);
        } catch (IllegalArgumentException e) {
            throw noHub("the listing of " + repository + " cannot be trusted: " + e.getMessage());
        }
    }

    /** Mirrors pass on links that lead to the hub they mirror: only what is asked for counts. */
    private String nextPage(Answer answer) {
        Matcher next = NEXT.matcher(answer.header("Link").orElse(""));
        if (!next.find()) {
            return "";
        }
        URI address = answer.address().resolve(next.group(1));
        String prefix = endpoint.getRawPath();
        String path = address.getRawPath();
        return (path.startsWith(prefix) ? path.substring(prefix.length()) : path)
                + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
    }

    private JsonNode json(Answer answer, String repository, String revision, String what)
            throws IOException {
        refusals.check(answer, repository, revision, what);
        if (answer.isHtml()) {
            throw noHub("it sends an HTML page in place of " + what + " of " + repository);
        }
        try (var in = new StallGuard(answer.body(), patience.stall(), clock)) {
            byte[] bytes = in.readNBytes(LARGEST_LISTING);
            return JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new TryAgain(host() + " sends " + what + " as no readable JSON");
        }
    }

    /**
     * Asks for a file without taking it: who may not read it learns so now.
     *
     * @throws StageException MODEL_MISSING as {@link #open} would throw it
     */
    void requireAccess(String repository, String commit, RepositoryFile file)
            throws IOException, InterruptedException {
        try (var answer = http.send("HEAD", path(repository, commit, file), Map.of())) {
            // Storage hosts may refuse HEAD for an address that is signed for GET.
            if (answer.fromHub()) {
                refusals.check(answer, repository, commit, file.path());
            }
        }
    }

    /**
     * Opens a file.
     *
     * @param from first byte wanted
     * @param etag of an earlier answer, so that a changed file is sent whole
     * @throws TryAgain if the same request may succeed later
     * @throws StageException MODEL_MISMATCH if what comes cannot be the file
     */
    FileBody open(
            String repository, String commit, RepositoryFile file, long from, Optional<String> etag)
            throws IOException, InterruptedException {
        var headers = new HashMap<String, String>();
        if (from > 0) {
            headers.put("Range", "bytes=" + from + "-");
            etag.ifPresent(tag -> headers.put("If-Range", tag));
        }
        var answer = http.send("GET", path(repository, commit, file), headers);
        try {
            return body(answer, repository, commit, file, from);
        } catch (IOException | RuntimeException e) {
            answer.close();
            throw e;
        }
    }

    private FileBody body(
            Answer answer, String repository, String commit, RepositoryFile file, long from)
            throws IOException {
        refusals.check(answer, repository, commit, file.path());
        if (answer.status() == 416) {
            throw new BadRange(host() + " has no byte " + from + " of " + file.path());
        }
        requireSame(answer, repository, commit, file);
        long begin = answer.status() == 206 ? rangeBegin(answer, file, from) : 0;
        long expected = file.size() - begin;
        long said = answer.length().orElse(expected);
        if (said != expected) {
            throw mismatch(
                    answer,
                    repository,
                    file,
                    "announces %d bytes where the listing has %d".formatted(said, expected));
        }
        return new FileBody(
                begin,
                answer.header("ETag").filter(tag -> tag.startsWith("\"")),
                new StallGuard(answer.body(), patience.stall(), clock));
    }

    private static void requireSame(
            Answer answer, String repository, String commit, RepositoryFile file) {
        if (answer.isHtml() && !file.path().toLowerCase(Locale.ROOT).endsWith(".html")) {
            throw mismatch(
                    answer,
                    repository,
                    file,
                    "sends an HTML page: a sign-in or a proxy is between");
        }
        String encoding = answer.header("Content-Encoding").orElse("identity");
        if (!encoding.equals("identity")) {
            throw mismatch(answer, repository, file, "sends it compressed (" + encoding + ")");
        }
        String at = answer.header("X-Repo-Commit").orElse(commit);
        if (!at.equals(commit)) {
            throw mismatch(answer, repository, file, "sends it from commit " + at);
        }
    }

    private static long rangeBegin(Answer answer, RepositoryFile file, long from) throws BadRange {
        String text = answer.header("Content-Range").orElse("");
        Matcher range = RANGE.matcher(text);
        if (!range.matches()
                || Long.parseLong(range.group(1)) != from
                || Long.parseLong(range.group(3)) != file.size()) {
            throw new BadRange(
                    "%s sends the range '%s' of %s where byte %d of %d was asked for"
                            .formatted(
                                    answer.address().getHost(),
                                    text,
                                    file.path(),
                                    from,
                                    file.size()));
        }
        return from;
    }

    private static StageException mismatch(
            Answer answer, String repository, RepositoryFile file, String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s of %s: %s %s. Nothing of it was kept; try again, or another --endpoint"
                        .formatted(file.path(), repository, answer.address().getHost(), what));
    }

    private StageException noHub(String what) {
        return new StageException(
                FailureCode.ENDPOINT_UNAVAILABLE,
                endpoint
                        + " does not answer as a hub: "
                        + what
                        + ". Name another address with --endpoint or HF_ENDPOINT");
    }

    private static String path(String repository, String commit, RepositoryFile file) {
        var path = new StringBuilder("/" + repository + "/resolve/" + encoded(commit));
        for (String part : file.path().split("/", -1)) {
            path.append('/').append(encoded(part));
        }
        return path.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
