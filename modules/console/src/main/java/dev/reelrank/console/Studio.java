package dev.reelrank.console;

import dev.reelrank.client.Session;
import dev.reelrank.console.api.VideoJobs;
import dev.reelrank.console.arena.Arena;
import dev.reelrank.console.facts.FactFollower;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.Queues;
import dev.reelrank.console.page.Layout;
import dev.reelrank.console.web.Errors;
import dev.reelrank.console.web.Guard;
import dev.reelrank.console.web.Live;
import dev.reelrank.console.web.Media;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.lease.HostLeases;
import io.javalin.Javalin;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.HttpConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running studio. It reads the facts and the store of a session, and writes events as other
 * clients do; the session belongs to the caller and outlives it.
 */
public final class Studio implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Studio.class);

    /** The largest request: a reference image and a prompt. */
    private static final long MAX_BODY = 32L << 20;

    /** A body that comes more slowly would hold a thread for hours, so it is refused. */
    private static final long LEAST_BYTES_PER_SECOND = 1024;

    private static final long SETTLE_EVERY_SECONDS = 3;

    private final StudioSettings settings;
    private final FactFollower follower;
    private final Live live;
    private final Arena arena;
    private final Queues queues;
    private final ScheduledExecutorService timer;
    private final Javalin server;

    /**
     * Jetty's successor of this setting, a handler, has no effect in front of Javalin's servlet.
     */
    @SuppressWarnings("removal")
    private static void refuseSlowBodies(HttpConfiguration http) {
        http.setMinRequestDataRate(LEAST_BYTES_PER_SECOND);
    }

    private Studio(
            StudioSettings settings,
            FactFollower follower,
            Live live,
            Arena arena,
            Queues queues,
            ScheduledExecutorService timer,
            Javalin server) {
        this.settings = settings;
        this.follower = follower;
        this.live = live;
        this.arena = arena;
        this.queues = queues;
        this.timer = timer;
        this.server = server;
    }

    /**
     * Starts to read the facts and to listen.
     *
     * @throws StageException INVALID_CONFIG if the address is taken
     */
    public static Studio start(StudioSettings settings, Session session) {
        try {
            Files.createDirectories(settings.scratch());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot create " + settings.scratch() + ": " + e, e);
        }
        var facts = new Facts();
        var live = Live.start(facts);
        var media = new Media(session.store(), settings.scratch());
        var arena = Arena.of(facts, session.publisher(), Clock.systemUTC());
        var queues = Queues.start(session);
        var guard = new Guard(settings.access(), settings.isLoopback());
        var routes =
                new StudioRoutes(
                        facts,
                        new Layout(facts),
                        media,
                        live,
                        arena,
                        settings.access(),
                        session.publisher(),
                        queues::state,
                        () -> HostLeases.read(session.data().leases()));
        var jobs = new VideoJobs(session, facts, media, Clock.systemUTC());
        Javalin server =
                Javalin.create(
                        config -> {
                            config.startup.showJavalinBanner = false;
                            config.http.maxRequestSize = MAX_BODY;
                            config.http.prefer405over404 = true;
                            config.jetty.multipartConfig.maxFileSize(
                                    32, io.javalin.config.SizeUnit.MB);
                            config.jetty.multipartConfig.maxTotalRequestSize(
                                    32, io.javalin.config.SizeUnit.MB);
                            // By default two tokens that differ in case alone are one on a
                            // connection that is used again.
                            config.jetty.modifyHttpConfiguration(
                                    http -> {
                                        http.setHeaderCacheCaseSensitive(true);
                                        refuseSlowBodies(http);
                                    });
                            config.jetty.modifyServer(
                                    jetty -> jetty.setErrorHandler(Errors::unreadable));
                            config.routes.before(guard::headers);
                            config.routes.beforeMatched(routes::guarded);
                            Errors.addTo(config.routes, routes::errorPage);
                            routes.addTo(config.routes, guard);
                            jobs.addTo(config.routes);
                        });
        try {
            server.start(settings.host(), settings.port());
        } catch (JavalinBindException e) {
            live.close();
            queues.close();
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the studio cannot listen on %s:%d: %s; choose another with --studio-port"
                            .formatted(settings.host(), settings.port(), e.getMessage()),
                    e);
        }
        var timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            var thread = new Thread(task, "votes");
                            thread.setDaemon(true);
                            return thread;
                        });
        var studio =
                new Studio(
                        settings,
                        FactFollower.start(session, facts),
                        live,
                        arena,
                        queues,
                        timer,
                        server);
        studio.settleNowAndThen();
        return studio;
    }

    /** The task never fails, and its future says nothing else. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void settleNowAndThen() {
        timer.scheduleWithFixedDelay(
                this::settle, SETTLE_EVERY_SECONDS, SETTLE_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private void settle() {
        try {
            arena.settle();
        } catch (RuntimeException e) {
            // The next turn tries again: votes are on their topic and nothing is lost.
            LOG.warn("votes could not be turned into selections yet: {}", e.toString());
        }
    }

    /** Where people find it, for example {@code http://127.0.0.1:8484}. */
    public String address() {
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return "http://" + host + ":" + server.port();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        live.close();
        queues.close();
        server.stop();
        follower.close();
    }
}
