package dev.reelrank.bus.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this host calls itself. */
public final class HostName {
    /** The name that the kernel knows, without asking any name service. */
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    /**
     * This host's name; {@code localhost} if it has none. It need not resolve: containers and
     * laptops often have a name that no name service knows.
     */
    public static String ofThis() {
        return of(KERNEL);
    }

    static String of(Path kernel) {
        try {
            if (Files.isReadable(kernel)) {
                String name = Files.readString(kernel).strip();
                if (!name.isEmpty() && !name.equals("(none)")) {
                    return name;
                }
            }
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        } catch (IOException e) {
            return "localhost";
        }
    }
}
