package dev.reelrank.console;

import dev.reelrank.console.web.Access;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * Where the studio listens and who may use it.
 *
 * @param host address to listen on
 * @param port 0 for any that is free
 * @param scratch where files of a remote store are copied to
 */
public record StudioSettings(String host, int port, Access access, Path scratch) {
    /**
     * @throws StageException INVALID_CONFIG if others could reach the studio without a token
     */
    public StudioSettings {
        if (!isLoopback(host) && access.isOpen()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the studio would be open to everybody who reaches %s; pass --token-file FILE, or leave --studio-host out to listen on this machine alone"
                            .formatted(host));
        }
    }

    boolean isLoopback() {
        return isLoopback(host);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the host '%s' is not known; pass an address of this machine with --studio-host"
                            .formatted(host),
                    e);
        }
    }
}
