package dev.reelrank.bench.bus;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reelrank.bench.process.BenchFolder;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench bus}: hops, throughput and redelivery with stages that do nothing. */
@Command(
        name = "bus",
        description =
                "Measures the latency of a hop, events per second, and redelivery after a kill.",
        mixinStandardHelpOptions = true)
public final class BusCommand implements Callable<Integer> {
    @Option(
            names = "--paced",
            paramLabel = "N",
            defaultValue = "60",
            description = "Samples sent one by one for the latency (${DEFAULT-VALUE}).")
    private int paced = 60;

    @Option(
            names = "--flood",
            paramLabel = "N",
            defaultValue = "300",
            description = "Samples sent at once for the throughput (${DEFAULT-VALUE}).")
    private int flood = 300;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var folder = BenchFolder.temporary("bus")) {
            var result = new BusRun(paced, flood).in(folder.path());
            folder.done();
            var writer = Objects.requireNonNull(spec).commandLine().getOut();
            writer.println(
                    json
                            ? new ObjectMapper()
                                    .enable(SerializationFeature.INDENT_OUTPUT)
                                    .writeValueAsString(result)
                            : result.toString());
            writer.flush();
            return 0;
        }
    }
}
