package dev.reelrank.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.FarmSpec;
import dev.reelrank.console.web.Access;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A studio over a real broker and a real store, and real videos for its facts. */
public final class StudioOnABroker implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int FRAMES = 9;

    private final Path folder;
    private final byte[] picture = Images.png(RenderedClips.still(1));
    private EmbeddedBroker broker;
    private final Session session;
    private final Studio studio;

    private StudioOnABroker(Path folder, EmbeddedBroker broker, Session session) {
        this.folder = folder;
        this.broker = broker;
        this.session = session;
        this.studio = another(Access.open());
    }

    /**
     * Starts all of it.
     *
     * @param folder empty, for everything that they keep
     */
    public static StudioOnABroker start(Path folder) throws IOException {
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"));
        new TopicSetup(broker.connection()).ensure(2);
        Path store = Files.createDirectories(folder.resolve("store"));
        Session session =
                Session.open(
                        DataFolder.of(folder.resolve("data")),
                        new FarmSpec(
                                broker.connection().bootstrap(),
                                null,
                                store.toUri().toString(),
                                false,
                                List.of(),
                                "",
                                List.of(),
                                5,
                                List.of(),
                                List.of()));
        return new StudioOnABroker(folder, broker, session);
    }

    /**
     * The same with the run "run" of the samples ring and cat.
     *
     * @param folder empty, for everything that they keep
     */
    static StudioOnABroker withARun(Path folder) throws IOException, InterruptedException {
        StudioOnABroker on = start(folder);
        on.publish(Example.run("run", List.of("ring", "cat"), on.image(), on::video));
        on.awaitGrades("run", 2);
        return on;
    }

    /** Another studio of the same farm; the caller closes it. */
    public Studio another(Access access) {
        return Studio.start(
                new StudioSettings("127.0.0.1", 0, access, folder.resolve("scratch")), session);
    }

    public Session session() {
        return session;
    }

    public Studio studio() {
        return studio;
    }

    /** A PNG of a scene. */
    public byte[] picture() {
        return picture.clone();
    }

    /** The same in the store. */
    public BlobRef image() {
        return session.store().putBlob(picture, "image/png");
    }

    /** A video of nine frames in the store: another one for each seed. */
    public BlobRef video(String sample, long seed) {
        return video(sample, seed, FRAMES);
    }

    /** The same with only three frames: seen once in an instant. */
    public BlobRef shortVideo(String sample, long seed) {
        return video(sample, seed, 3);
    }

    private BlobRef video(String sample, long seed, int frames) {
        Path file =
                folder.resolve(
                        Integer.toHexString(sample.hashCode()) + seed + "-" + frames + ".mp4");
        if (!Files.exists(file)) {
            RenderedClips.rendered(file, Math.floorMod(sample.hashCode() + (int) seed, 50), frames);
        }
        return session.store().putBlob(file, "video/mp4");
    }

    /** Where a blob lies in the store of these tests. */
    public Path fileOf(BlobRef blob) {
        return session.store().fetch(blob, folder);
    }

    public void publish(List<? extends Event> events) {
        session.publisher().publish(events);
    }

    /** Everything on a topic. */
    public List<Event> events(String topic) {
        var events = new ArrayList<Event>();
        try (var reader = session.reader(List.of(topic))) {
            reader.readToEnd(stored -> events.add(stored.event()));
        }
        return events;
    }

    /** A request to the studio. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(studio.address() + path));
    }

    /** Asks for a page. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                request(path).header("Accept", "text/html").build(), BodyHandlers.ofString());
    }

    /** Sends JSON. */
    public HttpResponse<String> post(String path, String json, String... headers)
            throws IOException, InterruptedException {
        var builder =
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        return HTTP.send(builder.build(), BodyHandlers.ofString());
    }

    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> as)
            throws IOException, InterruptedException {
        return HTTP.send(request, as);
    }

    /**
     * Waits until a page is there and contains every text. What was published at once arrives topic
     * by topic, so a page may be there before the last of it.
     */
    public void await(String path, String... texts) throws IOException, InterruptedException {
        await(path, body -> Stream.of(texts).allMatch(body::contains));
    }

    /** Waits until a run's page shows the grade of so many samples, the last fact of each. */
    public void awaitGrades(String run, int samples) throws IOException, InterruptedException {
        await("/runs/" + run, body -> body.split("class=\"grade\"", -1).length > samples);
    }

    private void await(String path, Predicate<String> shows)
            throws IOException, InterruptedException {
        HttpResponse<String> page = get(path);
        for (int i = 0; i < 300 && !(page.statusCode() == 200 && shows.test(page.body())); i++) {
            Thread.sleep(100);
            page = get(path);
        }
        assertThat(page.statusCode()).as(path).isEqualTo(200);
        assertThat(page.body()).as(path).matches(shows, "shows what was published");
    }

    /** Takes the broker away; {@link #brokerReturns} brings it back at the same address. */
    public void brokerGoes() {
        broker.close();
    }

    public void brokerReturns() {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
    }

    @Override
    public void close() {
        studio.close();
        session.close();
        broker.close();
    }
}
