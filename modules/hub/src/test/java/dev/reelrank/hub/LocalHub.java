package dev.reelrank.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A server on loopback that speaks the hub's protocol: revisions, listings in pages, files by
 * ranges, large files by a redirect to a storage host, refusals. Tests make it fail.
 */
final class LocalHub implements AutoCloseable {
    /** Files of at least so many bytes are large: they have a SHA-256 and come from storage. */
    static final int LARGE = 1000;

    private static final int PAGE = 3;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

    /** Answers in place of the server; false leaves the request to it. */
    interface Fault {
        boolean answer(HttpExchange exchange, byte[] content) throws IOException;
    }

    /**
     * A request as it came.
     *
     * @param server hub or storage
     */
    record Request(
            String server,
            String method,
            String path,
            String range,
            String ifRange,
            String token) {}

    private final HttpServer hub;
    private final HttpServer storage;
    private final Map<String, Map<String, byte[]>> commits = new ConcurrentHashMap<>();
    private final Map<String, String> branches = new ConcurrentHashMap<>();
    private final Map<String, String> gated = new ConcurrentHashMap<>();
    private final Map<String, String> renamed = new ConcurrentHashMap<>();
    private final Map<String, Long> claimedSizes = new ConcurrentHashMap<>();
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    LocalHub() throws IOException {
        hub = start("127.0.0.1", this::hub);
        // Another name of the same machine: another host for whoever sends tokens.
        storage = start("localhost", this::storage);
    }

    private static HttpServer start(String host, com.sun.net.httpserver.HttpHandler handler)
            throws IOException {
        var server = HttpServer.create(new InetSocketAddress(host, 0), 0);
        server.createContext("/", handler);
        server.setExecutor(
                Executors.newCachedThreadPool(
                        task -> {
                            var thread = new Thread(task, "hub");
                            thread.setDaemon(true);
                            return thread;
                        }));
        server.start();
        return server;
    }

    String address() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    /** Adds a commit and lets the branch main name it; returns its id. */
    String commit(String repository, Map<String, byte[]> files) {
        String id = sha1((repository + commits.size()).getBytes(StandardCharsets.UTF_8));
        commits.put(repository + "@" + id, new TreeMap<>(files));
        branches.put(repository, id);
        return id;
    }

    void gate(String repository, String token) {
        gated.put(repository, token);
    }

    void rename(String from, String to) {
        renamed.put(from, to);
    }

    /** The listing says so; the file has its own size. */
    void claimSize(String path, long size) {
        claimedSizes.put(path, size);
    }

    /** The next requests that begin to send this file, or this address of the API, fail so. */
    void fail(String path, Fault... next) {
        faults.computeIfAbsent(path, p -> new ArrayDeque<>()).addAll(Arrays.asList(next));
    }

    List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    List<Request> requestsFor(String path) {
        return requests().stream()
                .filter(r -> r.path().endsWith("/" + path) && r.method().equals("GET"))
                .toList();
    }

    static byte[] content(int seed, int size) {
        var bytes = new byte[size];
        new java.util.Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Request note(String server, HttpExchange exchange) {
        var headers = exchange.getRequestHeaders();
        var request =
                new Request(
                        server,
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        String.valueOf(headers.getFirst("Range")),
                        String.valueOf(headers.getFirst("If-Range")),
                        String.valueOf(headers.getFirst("Authorization")));
        requests.add(request);
        return request;
    }

    private void hub(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = note("hub", exchange);
            String path = request.path();
            if (fails(path, exchange, new byte[0])) {
                return;
            }
            var api =
                    Pattern.compile("/api/models/([^/]+/[^/]+)/(revision|tree)/(.+)").matcher(path);
            var file = Pattern.compile("/([^/]+/[^/]+)/resolve/([^/]+)/(.+)").matcher(path);
            if (api.matches()) {
                String commit =
                        api.group(3).matches("[0-9a-f]{40}")
                                ? api.group(3)
                                : branches.getOrDefault(api.group(1), "");
                api(exchange, api.group(1), commit, api.group(2).equals("tree"));
            } else if (file.matches()) {
                file(exchange, request, file.group(1), file.group(2), file.group(3));
            } else {
                refuse(exchange, 404, "RepoNotFound");
            }
        }
    }

    private void api(HttpExchange exchange, String repository, String commit, boolean tree)
            throws IOException {
        var files = commits.get(repository + "@" + commit);
        if (files == null) {
            refuse(
                    exchange,
                    branches.containsKey(repository) ? 404 : 401,
                    branches.containsKey(repository) ? "RevisionNotFound" : "RepoNotFound");
            return;
        }
        if (!tree) {
            String siblings =
                    files.keySet().stream()
                            .map(path -> "{\"rfilename\": \"" + path + "\"}")
                            .collect(Collectors.joining(", "));
            json(
                    exchange,
                    "{\"id\": \"%s\", \"sha\": \"%s\", \"private\": false, \"tags\": [], \"siblings\": [%s]}"
                            .formatted(repository, commit, siblings));
            return;
        }
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        var cursor = Pattern.compile("cursor=(\\d+)").matcher(query);
        int from = cursor.find() ? Integer.parseInt(cursor.group(1)) : 0;
        var entries = new ArrayList<String>();
        entries.add("{\"type\": \"directory\", \"path\": \"folder\", \"oid\": \"0\", \"size\": 0}");
        files.keySet().stream().skip(from).limit(PAGE).forEach(p -> entries.add(entry(p, files)));
        if (from + PAGE < files.size()) {
            exchange.getResponseHeaders()
                    .add(
                            "Link",
                            "<%s%s?recursive=true&cursor=%d>; rel=\"next\""
                                    .formatted(
                                            address(),
                                            exchange.getRequestURI().getPath(),
                                            from + PAGE));
        }
        json(exchange, entries.toString());
    }

    private String entry(String path, Map<String, byte[]> files) {
        byte[] content = files.get(path);
        long size = claimedSizes.getOrDefault(path, (long) content.length);
        String base =
                "{\"type\": \"file\", \"path\": \"%s\", \"size\": %d, \"oid\": \"%s\""
                        .formatted(path, size, gitBlob(content));
        return content.length < LARGE
                ? base + "}"
                : base
                        + ", \"lfs\": {\"oid\": \"%s\", \"size\": %d, \"pointerSize\": 130}}"
                                .formatted(sha256(content), size);
    }

    private void file(
            HttpExchange exchange, Request request, String repository, String commit, String path)
            throws IOException {
        String other = renamed.get(repository);
        if (other != null) {
            redirect(exchange, request.path().replace(repository, other));
            return;
        }
        String wanted = gated.get(repository);
        if (wanted != null && !request.token().equals("Bearer " + wanted)) {
            exchange.getResponseHeaders().add("X-Error-Code", "GatedRepo");
            exchange.sendResponseHeaders(request.token().equals("null") ? 401 : 403, -1);
            return;
        }
        var files = commits.get(repository + "@" + commit);
        if (files == null || !files.containsKey(path)) {
            refuse(exchange, 404, files == null ? "RevisionNotFound" : "EntryNotFound");
            return;
        }
        exchange.getResponseHeaders().add("X-Repo-Commit", commit);
        if (files.get(path).length >= LARGE) {
            exchange.getResponseHeaders().add("X-Linked-Etag", etag(files.get(path)));
            exchange.getResponseHeaders()
                    .add("X-Linked-Size", String.valueOf(files.get(path).length));
            redirect(
                    exchange,
                    "http://localhost:%d/%s/%s/%s?signature=secret"
                            .formatted(storage.getAddress().getPort(), repository, commit, path));
        } else {
            send(exchange, path, files.get(path));
        }
    }

    private void storage(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = note("storage", exchange);
            String[] parts = request.path().substring(1).split("/", 4);
            byte[] content = commits.get(parts[0] + "/" + parts[1] + "@" + parts[2]).get(parts[3]);
            send(exchange, parts[3], content);
        }
    }

    private void send(HttpExchange exchange, String path, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("ETag", etag(content));
            exchange.getResponseHeaders().add("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        if (!fails(path, exchange, content)) {
            send(exchange, content, content.length);
        }
    }

    /** The file, or what a range asks for; breaks off after so many bytes of the file. */
    static void send(HttpExchange exchange, byte[] content, int end) throws IOException {
        String tag = etag(content);
        exchange.getResponseHeaders().add("ETag", tag);
        var range = RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        int from = 0;
        if (range.matches() && (condition == null || condition.equals(tag))) {
            from = Integer.parseInt(range.group(1));
            if (from >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            exchange.getResponseHeaders()
                    .add(
                            "Content-Range",
                            "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        exchange.sendResponseHeaders(
                range.matches() && from > 0 ? 206 : 200, content.length - from);
        OutputStream out = exchange.getResponseBody();
        out.write(content, from, Math.max(0, end - from));
        out.flush();
    }

    private static String etag(byte[] content) {
        return "\"" + (content.length < LARGE ? gitBlob(content) : sha256(content)) + "\"";
    }

    static Fault breakOffAfter(int bytes) {
        return (exchange, content) -> {
            send(exchange, content, bytes);
            return true;
        };
    }

    static Fault status(int status, String... headers) {
        return (exchange, content) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /** Other content under the same name. */
    static Fault content(byte[] other) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, other.length);
            exchange.getResponseBody().write(other);
            return true;
        };
    }

    private boolean fails(String path, HttpExchange exchange, byte[] content) throws IOException {
        var next = faults.getOrDefault(path, new ArrayDeque<>());
        Fault fault;
        synchronized (next) {
            fault = next.poll();
        }
        return fault != null && fault.answer(exchange, content);
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().add("X-Error-Code", code);
        exchange.sendResponseHeaders(status, -1);
    }

    private static void json(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    static String sha256(byte[] content) {
        return digest("SHA-256", content);
    }

    static String sha1(byte[] content) {
        return digest("SHA-1", content);
    }

    static String gitBlob(byte[] content) {
        byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return sha1(all);
    }

    private static String digest(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }
}
