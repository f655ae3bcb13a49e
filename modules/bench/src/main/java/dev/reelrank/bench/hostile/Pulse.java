package dev.reelrank.bench.hostile;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.QueueView;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Whether a farm still does its work, seen from outside. */
final class Pulse implements AutoCloseable {
    private static final Pattern OLDEST =
            Pattern.compile("reelrank_inflight_oldest_seconds\\{[^}]*} ([0-9.E]+)");

    private final Connection connection;
    private final Map<String, Integer> ports;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final QueueView queues;
    private final Admin admin;

    /**
     * @param ports of health pages by the name of their process
     */
    Pulse(Connection connection, Map<String, Integer> ports) {
        this.connection = connection;
        this.ports = ports;
        this.queues = new QueueView(connection);
        this.admin = connection.admin();
    }

    /**
     * Processes that do not answer, are not alive by their own word, or hold work for longer.
     *
     * @param longest that work may be in progress
     */
    List<String> stuck(Duration longest) throws InterruptedException {
        var stuck = new ArrayList<String>();
        for (var process : ports.entrySet()) {
            try {
                int live = get(process.getValue(), "/live").statusCode();
                if (live != 200) {
                    stuck.add(process.getKey() + ": /live answers " + live);
                }
                Matcher oldest = OLDEST.matcher(get(process.getValue(), "/metrics").body());
                if (oldest.find() && Double.parseDouble(oldest.group(1)) > longest.toSeconds()) {
                    stuck.add(
                            "%s: work in progress for %s s"
                                    .formatted(process.getKey(), oldest.group(1)));
                }
            } catch (IOException e) {
                stuck.add(process.getKey() + ": " + e);
            }
        }
        for (StageName stage : connection.stages().ofSample()) {
            try {
                long lag = queues.owed(stage).lag();
                if (lag > 0) {
                    stuck.add("queue of " + stage.id() + ": " + lag + " records are left");
                }
            } catch (StageException e) {
                stuck.add("queue of " + stage.id() + ": " + e.getMessage());
            }
        }
        return stuck;
    }

    private java.net.http.HttpResponse<String> get(int port, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Partitions that flow reads and has not read to their end. */
    List<String> paused() throws InterruptedException {
        try {
            var group = connection.topics().flowGroup();
            var committed =
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            var asked = new HashMap<TopicPartition, OffsetSpec>();
            committed.keySet().forEach(p -> asked.put(p, OffsetSpec.latest()));
            var ends = admin.listOffsets(asked).all().get();
            var paused = new ArrayList<String>();
            ends.forEach(
                    (partition, end) -> {
                        long left =
                                end.offset()
                                        - Objects.requireNonNull(committed.get(partition)).offset();
                        // The mark that ends a transaction is a record that nobody reads.
                        if (left > 1) {
                            paused.add(partition + ": " + left + " records are left");
                        }
                    });
            return paused;
        } catch (ExecutionException e) {
            return List.of("the group of flow cannot be read: " + e.getCause());
        }
    }

    @Override
    public void close() {
        queues.close();
        admin.close();
    }
}
