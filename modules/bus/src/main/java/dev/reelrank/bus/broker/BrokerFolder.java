package dev.reelrank.bus.broker;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an embedded broker keeps on disk: {@code broker.json} with its ports, chosen once and kept
 * over restarts; {@code broker.lock}, held while one runs; {@code kafka/}, its data.
 */
public final class BrokerFolder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    /**
     * @param port of the clients, on the loopback interface
     * @param controllerPort of the node's own controller
     */
    record Ports(int port, int controllerPort) {}

    public BrokerFolder(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** Where the broker of this folder listens, empty if none ever ran here. */
    public Optional<Connection> connection() {
        return ports().map(
                        p ->
                                Connection.to("127.0.0.1:" + p.port())
                                        .withSettings(LocalSecret.read(folder).client()));
    }

    /**
     * Lets the broker of this folder answer only those who can read the folder's secret, from its
     * next start on.
     *
     * @throws StageException INVALID_CONFIG if a broker runs that does not ask for it
     */
    public void askForSecret() {
        if (LocalSecret.read(folder).isAsked()) {
            return;
        }
        if (running()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "a broker runs on %s that answers every local user; end what uses it first"
                            .formatted(folder));
        }
        try {
            Files.createDirectories(folder);
            LocalSecret.create(folder);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** What clients and the broker know each other by. */
    LocalSecret secret() {
        return LocalSecret.read(folder);
    }

    /** Whether a broker process holds the folder now. It may still be starting. */
    public boolean running() {
        if (!Files.exists(lockFile())) {
            return false;
        }
        try (FileHold lock = lock()) {
            return lock == null;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Process id of the last broker that held the folder, empty if there was none. */
    String owner() {
        try {
            Path file = folder.resolve("broker.pid");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Path data() {
        return folder.resolve("kafka");
    }

    /**
     * {@link #data} as Kafka reads it: relative where this process has started in the folder,
     * because Kafka takes a comma for the end of a name.
     *
     * @throws StageException INVALID_CONFIG if it has to be absolute and holds a comma
     */
    String dataForKafka() {
        try {
            if (Path.of("").toRealPath().equals(folder.toRealPath())) {
                return "kafka";
            }
        } catch (IOException e) {
            throw unusable(e);
        }
        if (data().toString().contains(",")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the broker's folder %s has a comma in its name, which Kafka cannot take here; start it in that folder, or name another with --data"
                            .formatted(folder));
        }
        return data().toString();
    }

    Path lockFile() {
        return folder.resolve("broker.lock");
    }

    /** Takes the folder, null if another process (or this one) has it. */
    @Nullable FileHold lock() throws IOException {
        Files.createDirectories(folder);
        return FileHold.of(lockFile());
    }

    Optional<Ports> ports() {
        Path file = folder.resolve("broker.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), Ports.class));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s cannot be read (%s); delete it, and the broker chooses new ports"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** The ports of the folder; chosen among the free ones the first time. Needs the lock. */
    Ports choosePorts(int preferred) throws IOException {
        Optional<Ports> kept = ports();
        if (kept.isPresent()) {
            requireTwo(kept.get());
            requireFree(kept.get().port());
            requireFree(kept.get().controllerPort());
            return kept.get();
        }
        Ports chosen;
        // Both are held until both are known, so that they differ.
        try (var first = open(preferred);
                var second = open(0)) {
            chosen = new Ports(first.getLocalPort(), second.getLocalPort());
        }
        WholeFile.write(
                folder.resolve("broker.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(chosen),
                WholeFile.Care.ONE_WRITER);
        return chosen;
    }

    private static ServerSocket open(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    /** Kafka would refuse to start, and blame its own settings instead of the file. */
    private void requireTwo(Ports ports) {
        if (ports.port() == ports.controllerPort()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "broker.json in %s gives port %d to the clients and to the controller; delete it so that the broker chooses new ports, or name two different ones"
                            .formatted(folder, ports.port()));
        }
    }

    private void requireFree(int port) {
        try (var socket = open(port)) {
            assert socket.isBound();
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "another program uses port %d of the broker in %s; stop it, or delete broker.json there so that the broker chooses new ports"
                            .formatted(port, folder),
                    e);
        }
    }

    StageException unusable(IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "the broker's folder %s cannot be used: %s; check its free space and permissions, or choose another one with --data"
                        .formatted(folder, e),
                e);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
