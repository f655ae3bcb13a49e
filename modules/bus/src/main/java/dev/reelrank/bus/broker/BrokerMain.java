package dev.reelrank.bus.broker;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * The broker process: {@code BrokerMain FOLDER [--stay] [--port N]}.
 *
 * <p>It takes the folder's lock before it touches anything: a second broker on the same data would
 * damage the first. It ends when its standard input ends, so with its parent, however that dies;
 * with {@code --stay} it ends on SIGTERM only. SIGTERM and end of input shut it down cleanly; a
 * kill -9 loses nothing that was acknowledged.
 *
 * <p>It ends with an {@link ExitCode}: EXTERNAL if another broker has the folder (perhaps one that
 * is just ending: trying again is right), CONFIG if a setting or port cannot be used, RESOURCES if
 * the folder cannot be written; 1 if Kafka itself fails.
 */
public final class BrokerMain {
    private static final String LOGGING = "logback.configurationFile";

    /** Jars of the class path, segments of the topics and connections of a farm. */
    private static final int OPEN_FILES = 1024;

    private BrokerMain() {}

    /** See the class. */
    public static void main(String[] args) throws Exception {
        Path path = null;
        boolean stay = false;
        int port = 0;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--stay")) {
                stay = true;
            } else if (args[i].equals("--port") && i + 1 < args.length) {
                port = Integer.parseInt(args[++i]);
            } else if (path == null && !args[i].startsWith("--")) {
                path = Path.of(args[i]);
            } else {
                fail(ExitCode.CONFIG, "usage: BrokerMain FOLDER [--stay] [--port N]");
            }
        }
        if (path == null) {
            fail(ExitCode.CONFIG, "usage: BrokerMain FOLDER [--stay] [--port N]");
            return;
        }
        // Before anything logs.
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "dev/reelrank/bus/broker/broker-logback.xml");
        }
        run(new BrokerFolder(path), stay, port);
    }

    private static void run(BrokerFolder folder, boolean stay, int port) {
        requireOpenFiles();
        // Never closed: the lock goes with the process.
        FileHold lock = take(folder);
        if (lock == null) {
            fail(
                    ExitCode.EXTERNAL,
                    "another broker runs on "
                            + folder
                            + "; use that one, or stop it before starting this one");
        }
        Path properties = folder.file("server.properties");
        try {
            Files.writeString(
                    folder.file("broker.pid"), Long.toString(ProcessHandle.current().pid()));
            var ports = folder.choosePorts(port);
            Properties settings = BrokerSettings.of(folder, ports);
            // Kafka reads Java's own encoding of properties; as a stream everything else is
            // escaped.
            Files.deleteIfExists(properties);
            // It may hold the secret.
            Files.createFile(
                    properties,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            try (var out = Files.newOutputStream(properties)) {
                settings.store(out, "Rewritten at every start");
            }
            format(folder);
            if (!stay) {
                endWithInput();
            }
            if (KilledBroker.left(folder)) {
                KilledBroker.giveUp(BrokerSettings.ofController(folder, ports));
            }
        } catch (StageException e) {
            fail(ExitCode.CONFIG, e.getMessage());
        } catch (Exception e) {
            fail(ExitCode.RESOURCES, "the broker's folder " + folder + " cannot be used: " + e);
        }
        try {
            kafka.Kafka.main(new String[] {properties.toString()});
        } finally {
            // Unreachable in practice; it makes clear that the lock stays held.
            Reference.reachabilityFence(lock);
        }
    }

    /** With fewer the broker would fail later, at a log segment or a connection. */
    private static void requireOpenFiles() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && unix.getMaxFileDescriptorCount() < OPEN_FILES) {
            fail(
                    ExitCode.CONFIG,
                    "this process may open %d files, the broker needs %d: raise the limit with ulimit -n %d"
                            .formatted(
                                    unix.getMaxFileDescriptorCount(), OPEN_FILES, 4 * OPEN_FILES));
        }
    }

    private static @Nullable FileHold take(BrokerFolder folder) {
        try {
            return folder.lock();
        } catch (IOException e) {
            fail(ExitCode.RESOURCES, folder.unusable(e).getMessage());
            return null;
        }
    }

    private static void format(BrokerFolder folder) throws Exception {
        if (Files.exists(folder.data().resolve("meta.properties"))) {
            return;
        }
        var quiet = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        new Formatter()
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.data().toString())
                .addDirectory(folder.data().toString())
                .setPrintStream(quiet)
                .run();
    }

    private static void endWithInput() {
        var watch =
                new Thread(
                        () -> {
                            try {
                                while (System.in.read() != -1) {
                                    // Whatever is written to it means nothing.
                                }
                            } catch (IOException e) {
                                // A broken pipe is the end of the parent too.
                            }
                            System.exit(0);
                        },
                        "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private static void fail(int status, @Nullable String message) {
        System.err.println(message);
        System.exit(status);
    }
}
