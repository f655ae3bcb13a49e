package dev.reelrank.console;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.SampleRequests;
import dev.reelrank.console.arena.Arena;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.Queues;
import dev.reelrank.console.page.ArenaPage;
import dev.reelrank.console.page.ComparePage;
import dev.reelrank.console.page.ErrorPage;
import dev.reelrank.console.page.FarmPage;
import dev.reelrank.console.page.KeysPage;
import dev.reelrank.console.page.Layout;
import dev.reelrank.console.page.Missing;
import dev.reelrank.console.page.RunPage;
import dev.reelrank.console.page.RunsPage;
import dev.reelrank.console.page.SamplePage;
import dev.reelrank.console.page.Show;
import dev.reelrank.console.page.SignInPage;
import dev.reelrank.console.page.TrainingPage;
import dev.reelrank.console.page.VotesPage;
import dev.reelrank.console.web.Access;
import dev.reelrank.console.web.Guard;
import dev.reelrank.console.web.Live;
import dev.reelrank.console.web.Media;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.worker.lease.HostLeases;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.javalin.http.SameSite;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which address leads to which page. */
final class StudioRoutes {
    private static final Map<String, String> ASSETS =
            Map.of(
                    "studio.css", "text/css",
                    "studio.js", "text/javascript",
                    "player.js", "text/javascript",
                    "details.js", "text/javascript",
                    "arena.js", "text/javascript");
    private static final Set<String> FREE = Set.of("/sign-in", "/health");

    private final Facts facts;
    private final Layout layout;
    private final Media media;
    private final Live live;
    private final Arena arena;
    private final Access access;
    private final SampleRequests requests;
    private final Supplier<Queues.State> queues;
    private final Supplier<List<HostLeases.Lease>> leases;
    private @Nullable Guard guard;

    StudioRoutes(
            Facts facts,
            Layout layout,
            Media media,
            Live live,
            Arena arena,
            Access access,
            EventPublisher publisher,
            Supplier<Queues.State> queues,
            Supplier<List<HostLeases.Lease>> leases) {
        this.facts = facts;
        this.layout = layout;
        this.media = media;
        this.live = live;
        this.arena = arena;
        this.access = access;
        this.queues = queues;
        this.leases = leases;
        this.requests = new SampleRequests(e -> publisher.publish(e), Clock.systemUTC());
    }

    void addTo(RoutesConfig routes, Guard who) {
        guard = who;
        pages(routes);
        routes.get("/media/{hash}", ctx -> media.send(ctx, blob(ctx)));
        routes.get("/posters/{hash}", ctx -> media.sendPoster(ctx, blob(ctx)));
        routes.get("/assets/{name}", StudioRoutes::asset);
        routes.get("/health", ctx -> ctx.result("well\n"));
        routes.sse("/live", live::join);
        routes.post("/runs/{run}/{sample}/retry", this::retry);
        routes.post("/runs/{run}/{sample}/cancel", this::cancel);
        routes.get("/sign-in", ctx -> ctx.html(new SignInPage(layout).html(null)));
        routes.post("/sign-in", this::signIn);
        new ArenaRoutes(arena, facts, media, new VotesPage(layout, facts)).addTo(routes);
    }

    private void pages(RoutesConfig routes) {
        var runs = new RunsPage(layout, facts);
        var run = new RunPage(layout, facts);
        var sample = new SamplePage(layout, facts);
        var compare = new ComparePage(layout, facts);
        var arenaPage = new ArenaPage(layout, facts);
        var training = new TrainingPage(layout, facts);
        var farm = new FarmPage(layout, facts, queues, leases);
        var keys = new KeysPage(layout);
        routes.get("/", ctx -> ctx.html(runs.html()));
        routes.get("/runs/{run}", ctx -> ctx.html(run.html(run(ctx), ctx::queryParam)));
        routes.get("/runs/{run}/{sample}", ctx -> ctx.html(sample.html(run(ctx), sample(ctx))));
        routes.get(
                "/compare",
                ctx ->
                        ctx.html(
                                compare.html(
                                        ctx.queryParam("a"),
                                        ctx.queryParam("b"),
                                        ctx.queryParam("sample"))));
        routes.get(
                "/arena",
                ctx -> ctx.html(arenaPage.html(ctx.queryParam("run"), ctx.queryParam("other"))));
        routes.get("/training", ctx -> ctx.html(training.html()));
        routes.get("/farm", ctx -> ctx.html(farm.html()));
        routes.get("/keys", ctx -> ctx.html(keys.html()));
    }

    /** What every request to an address that exists passes. */
    void guarded(Context ctx) {
        boolean free = FREE.contains(ctx.path()) || ctx.path().startsWith("/assets/");
        if (guard == null || free) {
            return;
        }
        try {
            guard.check(ctx);
        } catch (Problem e) {
            String accept = ctx.header("Accept");
            boolean page = accept != null && accept.contains("text/html");
            if (e.status() == 401 && page && HandlerType.GET.equals(ctx.method())) {
                ctx.redirect("/sign-in");
                ctx.skipRemainingHandlers();
                return;
            }
            throw e;
        }
    }

    String errorPage(Problem problem) {
        return new ErrorPage(layout).html(problem);
    }

    private static String run(Context ctx) {
        return Show.id(ctx.pathParam("run"));
    }

    private static String sample(Context ctx) {
        return Show.id(ctx.pathParam("sample"));
    }

    private BlobRef blob(Context ctx) {
        String hash = ctx.pathParam("hash");
        return facts.blob(hash)
                .orElseThrow(() -> Problem.notFound("no fact names a file with this hash"));
    }

    private static void asset(Context ctx) throws IOException {
        String name = ctx.pathParam("name");
        String type = ASSETS.get(name);
        if (type == null) {
            throw Problem.notFound("there is no file " + name);
        }
        try (var in =
                StudioRoutes.class.getResourceAsStream("/dev/reelrank/console/assets/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            ctx.header("Cache-Control", "no-cache").contentType(type).result(in.readAllBytes());
        }
    }

    private void retry(Context ctx) {
        String run = run(ctx);
        String sample = sample(ctx);
        boolean open =
                facts.sample(run, sample, s -> !s.terminal())
                        .orElseThrow(() -> Missing.sample(facts, run, sample));
        if (open) {
            throw new Problem(
                    409, "not_ended", "sample '" + sample + "' has not ended; wait for its end");
        }
        requests.retry(run, sample, "studio");
        ctx.redirect(ctx.path().replaceFirst("/[^/]*/retry$", ""), HttpStatus.SEE_OTHER);
    }

    private void cancel(Context ctx) {
        String run = run(ctx);
        String sample = sample(ctx);
        boolean ended =
                facts.sample(run, sample, SampleView::terminal)
                        .orElseThrow(() -> Missing.sample(facts, run, sample));
        if (ended) {
            throw new Problem(409, "already_ended", "sample '" + sample + "' has ended already");
        }
        requests.cancel(run, sample, "studio");
        ctx.redirect(ctx.path().replaceFirst("/cancel$", ""), HttpStatus.SEE_OTHER);
    }

    private void signIn(Context ctx) throws IOException {
        String token = ctx.formParam("token");
        if (access.role(token).isEmpty() || token == null) {
            ctx.status(401).html(new SignInPage(layout).html("This token is not known."));
            return;
        }
        var cookie = new Cookie(Guard.COOKIE, token);
        cookie.setHttpOnly(true);
        cookie.setSameSite(SameSite.STRICT);
        cookie.setPath("/");
        ctx.cookie(cookie);
        ctx.redirect("/", HttpStatus.SEE_OTHER);
    }
}
