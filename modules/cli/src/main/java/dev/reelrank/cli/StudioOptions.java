package dev.reelrank.cli;

import dev.reelrank.client.Session;
import dev.reelrank.console.Studio;
import dev.reelrank.console.StudioSettings;
import dev.reelrank.console.web.Access;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the studio listens, and who may use it. */
final class StudioOptions {
    @Option(
            names = "--studio-host",
            paramLabel = "HOST",
            description =
                    "Address that the studio listens on. Default: this machine alone (${DEFAULT-VALUE}).",
            defaultValue = "127.0.0.1")
    String host = "127.0.0.1";

    @Option(
            names = "--studio-port",
            paramLabel = "PORT",
            description = "Port of the studio; 0 for any that is free. Default: ${DEFAULT-VALUE}",
            defaultValue = "8484")
    int port = 8484;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "Lines 'read TOKEN' or 'write TOKEN'. Required to listen on any address that other machines can reach.")
    @Nullable Path tokens;

    StudioSettings settings(Path scratch) {
        return new StudioSettings(
                host, port, tokens == null ? Access.open() : Access.of(tokens), scratch);
    }

    Studio start(Session session) {
        Studio studio = Studio.start(settings(session.data().scratch("studio")), session);
        System.err.println("Studio: " + studio.address());
        return studio;
    }
}
