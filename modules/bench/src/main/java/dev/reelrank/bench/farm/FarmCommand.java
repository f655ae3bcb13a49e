package dev.reelrank.bench.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reelrank.bench.process.BenchFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench farm}: how well a farm uses its workers. */
@Command(
        name = "farm",
        description =
                "Runs a farm of waiting workers on a faster clock over the real bus and shell.",
        mixinStandardHelpOptions = true)
public final class FarmCommand implements Callable<Integer> {
    @Option(
            names = "--scenario",
            defaultValue = "identityflow",
            description =
                    "identityflow (70 samples, 3 seeds, 8 workers) or quick (8 samples, 3 workers; the start has more weight there) (${DEFAULT-VALUE}).")
    private String scenario = "identityflow";

    @Option(names = "--speed", description = "Seconds of the farm's clock per real second.")
    private @Nullable Double speed;

    @Option(
            names = "--faults",
            defaultValue = "both",
            description = "without, with or both (${DEFAULT-VALUE}).")
    private String faults = "both";

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var chosen = Scenario.named(scenario);
        if (speed != null) {
            chosen = chosen.withSpeed(speed);
        }
        var out = new LinkedHashMap<String, Object>();
        out.put("scenario", chosen);
        if (!faults.equals("with")) {
            put(out, "efficiency", "staticEfficiency", "withoutFaults", run(chosen, false));
        }
        if (!faults.equals("without")) {
            put(
                    out,
                    "efficiencyWithFaults",
                    "staticEfficiencyWithFaults",
                    "withFaults",
                    run(chosen, true));
        }
        print(out);
        return 0;
    }

    private FarmRun.Result run(Scenario chosen, boolean withFaults)
            throws IOException, InterruptedException {
        try (var folder = BenchFolder.temporary("farm")) {
            var result = new FarmRun(chosen, withFaults).in(folder.path());
            folder.done();
            return result;
        }
    }

    private static void put(
            Map<String, Object> out,
            String efficiency,
            String staticEfficiency,
            String parts,
            FarmRun.Result result) {
        out.put(efficiency, result.efficiency());
        out.put(staticEfficiency, result.staticEfficiency());
        out.put(parts, result);
    }

    private void print(Map<String, Object> out) throws IOException {
        var writer = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            writer.println(
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(out));
        } else {
            out.forEach((key, value) -> writer.println(key + ": " + value));
        }
        writer.flush();
    }
}
