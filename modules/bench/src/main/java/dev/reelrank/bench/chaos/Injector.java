package dev.reelrank.bench.chaos;

import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.process.JavaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Injects faults into a farm. A fault that lasts some time has ended when the call returns. */
final class Injector {
    private static final long AWHILE_MILLIS = 3000;

    private final long awhile;

    private final WaitingFarm farm;
    private final Random random;
    private final Set<String> tampered = new HashSet<>();
    private final @Nullable BrokerFaults brokers;

    /**
     * @param pace 0.5: what lasts a while lasts half as long
     */
    Injector(WaitingFarm farm, Random random, double pace) {
        this.awhile = (long) (AWHILE_MILLIS * pace);
        this.farm = farm;
        this.random = random;
        this.brokers = farm.cluster().map(c -> new BrokerFaults(farm, c)).orElse(null);
    }

    private BrokerFaults cluster() {
        return Objects.requireNonNull(brokers, "the farm has one broker");
    }

    /** Blobs that were altered. */
    Set<String> tampered() {
        return Set.copyOf(tampered);
    }

    /** Names what it was done to. */
    String inject(Fault fault) throws IOException, InterruptedException {
        return switch (fault) {
            case KILL_PROMPT -> kill("prompt");
            case KILL_CANDIDATE -> kill("candidate");
            case KILL_RANKING -> kill("ranking");
            case KILL_GRADE -> kill("grade");
            case KILL_FLOW -> kill("flow");
            case STOP_PROMPT -> stop("prompt");
            case STOP_CANDIDATE -> stop("candidate");
            case STOP_RANKING -> stop("ranking");
            case STOP_GRADE -> stop("grade");
            case PAUSE_FLOW -> pause("flow");
            case KILL_BROKER -> {
                if (brokers != null) {
                    yield brokers.killNext();
                }
                farm.killAndRestartBroker();
                yield "broker";
            }
            case KILL_FLOW_COORDINATOR -> cluster().killFlowCoordinator();
            case KILL_QUEUE_COORDINATOR -> cluster().killQueueCoordinator();
            case KILL_CONTROLLER -> cluster().killController();
            case PAUSE_BROKER -> cluster().pause();
            case CUT_BROKER -> cluster().cut();
            case ROLLING_RESTART -> cluster().rollEverything();
            case STORE_AWAY -> storeAway();
            case STORE_FULL -> storeFull();
            case CORRUPT_WORK_BYTES -> corruptBytes(true);
            case CORRUPT_RESULT_BYTES -> corruptBytes(false);
            case DELETE_WORK -> deleteWork();
            case CORRUPT_STORED_RESULT -> alter("results");
            case CORRUPT_BLOB -> alter("blobs");
            case TERMINATE_CANDIDATE -> {
                var process = pick("candidate");
                process.terminate();
                yield process.name();
            }
        };
    }

    private String kill(String kind) {
        var process = pick(kind);
        process.kill();
        return process.name();
    }

    private String stop(String kind) throws InterruptedException {
        var process = pick(kind);
        process.awaitBeat();
        process.freeze();
        return process.name();
    }

    private String pause(String kind) throws InterruptedException {
        var process = pick(kind);
        process.freeze();
        Thread.sleep(awhile);
        process.thaw();
        return process.name();
    }

    private JavaProcess pick(String kind) {
        var fitting =
                farm.processes().values().stream()
                        .filter(p -> p.name().startsWith(kind))
                        .sorted((a, b) -> a.name().compareTo(b.name()))
                        .toList();
        return fitting.get(random.nextInt(fitting.size()));
    }

    private String storeAway() throws IOException, InterruptedException {
        var away = farm.folder().resolve("store-away");
        Files.move(farm.store(), away);
        Thread.sleep(awhile);
        Files.move(away, farm.store());
        return "store";
    }

    private String storeFull() throws IOException, InterruptedException {
        var settings = farm.store().resolve("store.properties");
        var before = Files.readString(settings);
        Files.writeString(settings, "reserve.bytes=" + Long.MAX_VALUE + "\n");
        Thread.sleep(awhile);
        Files.writeString(settings, before);
        return "store";
    }

    /** Text, and bytes that begin like an event of ours and end too soon. */
    private String corruptBytes(boolean work) throws InterruptedException {
        var stages = farm.connection().stages().ofSample();
        var stage = stages.get(random.nextInt(stages.size()));
        var topics = farm.connection().topics();
        var topic = work ? topics.work(stage) : topics.results(stage);
        Map<String, Object> properties = farm.connection().properties();
        properties.put("acks", "all");
        try (var producer =
                new KafkaProducer<>(
                        properties, new StringSerializer(), new ByteArraySerializer())) {
            for (var bytes :
                    List.of(
                            "no event".getBytes(StandardCharsets.UTF_8),
                            new byte[] {(byte) 0xC3, 1, 2, 3},
                            new byte[0])) {
                producer.send(new ProducerRecord<>(topic, "corrupt", bytes)).get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot write to " + topic, e.getCause());
        }
        return topic;
    }

    private String deleteWork() throws InterruptedException {
        var stages = farm.connection().stages().ofSample();
        var stage = stages.get(random.nextInt(stages.size()));
        var partition = new TopicPartition(farm.connection().topics().work(stage), 0);
        try (var admin = farm.connection().admin()) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot delete from " + partition, e.getCause());
        }
        return partition.topic();
    }

    /** One byte of a random file, if there is any yet. */
    private String alter(String kind) throws IOException {
        var file = randomFile(farm.store().resolve(kind));
        if (file == null) {
            return "nothing there yet";
        }
        var bytes = Files.readAllBytes(file);
        bytes[random.nextInt(bytes.length)] ^= 1;
        if (kind.equals("blobs")) {
            tampered.add(file.getFileName().toString());
        }
        Files.write(file, bytes);
        return kind + "/" + file.getFileName();
    }

    private @Nullable Path randomFile(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            // The latest: later stages may still need it.
            var all =
                    files.sorted(
                                    (a, b) ->
                                            Long.compare(
                                                    b.toFile().lastModified(),
                                                    a.toFile().lastModified()))
                            .limit(6)
                            .toList();
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }
    }
}
