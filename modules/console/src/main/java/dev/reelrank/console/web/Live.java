package dev.reelrank.console.web;

import dev.reelrank.console.facts.Facts;
import io.javalin.http.sse.SseClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells open pages that the facts have changed, at most twice a second. */
public final class Live implements AutoCloseable {
    private static final long EVERY_MILLIS = 500;
    private static final int PING_EVERY_TICKS = 30;
    private static final int MOST_CLIENTS = 200;

    private final Facts facts;
    private final Set<SseClient> clients = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "live");
                        thread.setDaemon(true);
                        return thread;
                    });
    private long sent = -1;
    private int ticks;

    private Live(Facts facts) {
        this.facts = facts;
    }

    /** Starts to look at the facts. */
    @SuppressWarnings("FutureReturnValueIgnored") // The task never ends by itself.
    public static Live start(Facts facts) {
        var live = new Live(facts);
        live.timer.scheduleAtFixedRate(
                live::tick, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return live;
    }

    /** Keeps a page up to date until it is closed. */
    public void join(SseClient client) {
        if (clients.size() >= MOST_CLIENTS) {
            client.close();
            return;
        }
        client.keepAlive();
        client.onClose(() -> clients.remove(client));
        clients.add(client);
        client.sendEvent("changed", Long.toString(facts.revision()));
    }

    private void tick() {
        long revision = facts.revision();
        boolean changed = revision != sent;
        sent = revision;
        boolean ping = ++ticks % PING_EVERY_TICKS == 0;
        for (SseClient client : clients) {
            if (changed) {
                client.sendEvent("changed", Long.toString(revision));
            } else if (ping) {
                // Whoever has gone is only noticed by writing.
                client.sendComment("still here");
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        clients.forEach(SseClient::close);
    }
}
