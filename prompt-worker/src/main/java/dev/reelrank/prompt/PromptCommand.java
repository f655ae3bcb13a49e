package dev.reelrank.prompt;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.store.Stores;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes the prompt of one picture, through the same stage, checks and store as the farm: what
 * either has written, the other finds.
 */
@Command(
        name = "prompt",
        description = "Writes the prompt for one image.",
        mixinStandardHelpOptions = true)
public final class PromptCommand implements Callable<Integer> {
    @Option(names = "--image", paramLabel = "FILE", required = true, description = "First frame.")
    private Path image = Path.of("");

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "What should happen in the video.")
    private String prompt = "";

    @Option(
            names = "--mode",
            defaultValue = "ultra_enrich",
            description =
                    "ultra_enrich, simplify_v1 to _v4, enhance, decompose, none or auto"
                            + " (${DEFAULT-VALUE}).")
    private String mode = "ultra_enrich";

    @Option(
            names = "--system",
            paramLabel = "TEXT",
            description = "Replaces the mode's instruction; the mode's rules are then not checked.")
    private @Nullable String system;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Maximum length of the answer in tokens (${DEFAULT-VALUE}).")
    private int maxNewTokens = 256;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 is greedy, at most 2 (${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--slow-verbs",
            negatable = true,
            description =
                    "Ask for slow, smooth movement, or not (default: as in a run's configuration).")
    private @Nullable Boolean slowVerbs;

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            description = "Text in front of the written prompt.")
    private String prefix = "";

    @Option(
            names = "--auto-words",
            paramLabel = "N",
            defaultValue = "40",
            description =
                    "Mode auto enriches prompts with fewer words than this (${DEFAULT-VALUE}).")
    private int autoWords = 40;

    @Option(
            names = "--precision",
            defaultValue = "auto",
            description = "fp32, bf16 or int4 (auto: fp32 on the CPU, else bf16).")
    private String precision = "auto";

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "Store of written prompts. Default: the farm's store.")
    private @Nullable String store;

    @Option(
            names = "--refresh",
            description = "Write the prompt again, without reading from or writing to the store.")
    private boolean refresh;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Mixin private final EndpointOptions endpoint = new EndpointOptions();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var config =
                new PromptConfig(
                        mode,
                        system,
                        maxNewTokens,
                        temperature,
                        slowVerbs == null ? PromptConfig.defaults().slowVerbs() : slowVerbs,
                        prefix,
                        List.of(),
                        autoWords,
                        precision);
        boolean remote = endpoint.endpoint().isPresent();
        var where = local.device(() -> !remote && TorchRuntime.cudaAvailable());
        // Read first: what is no picture must not become a blob.
        Images.read(image);
        try (var kept = Stores.open(store == null ? defaultStore() : store);
                var runner =
                        StageRunner.of(
                                stage(where),
                                refresh ? new NothingStored(kept) : kept,
                                where,
                                local.threads()
                                        .orElse(Runtime.getRuntime().availableProcessors()))) {
            var answer = runner.run(new PromptRequest(prompt, kept.putBlob(image, type()), config));
            print(answer);
        }
        return 0;
    }

    private PromptStage stage(Device where) {
        return endpoint.endpoint()
                .map(e -> new PromptStage(new RemoteBackend(e)))
                .orElseGet(() -> new PromptStage(local.models(), FileFingerprints.ofUser(), where));
    }

    private String type() {
        var name = image.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".png")
                ? "image/png"
                : name.endsWith(".webp") ? "image/webp" : "image/jpeg";
    }

    /** Where {@code run} keeps its results when nothing else is said. */
    private static String defaultStore() {
        var data = System.getenv("REELRANK_DATA");
        var home = System.getenv("XDG_DATA_HOME");
        var root =
                data != null
                        ? Path.of(data)
                        : (home != null
                                        ? Path.of(home)
                                        : Path.of(
                                                System.getProperty("user.home"), ".local", "share"))
                                .resolve("reelrank");
        return root.resolve("store").toString();
    }

    private void print(StageRunner.Answer<PromptResult> answer) {
        var result = answer.result();
        var out =
                spec == null
                        ? new PrintWriter(System.out, true, Charset.defaultCharset())
                        : spec.commandLine().getOut();
        if (!json) {
            out.println(result.prompt());
            out.flush();
            return;
        }
        var report = new ObjectMapper().createObjectNode();
        report.put("prompt", result.prompt());
        var ids = report.putArray("tokenIds");
        result.tokenIds().forEach(ids::add);
        report.put("mode", result.mode()).put("words", result.words());
        report.put("attempts", result.attempts()).put("repaired", result.repaired());
        report.put("source", result.source().name());
        var computation = answer.computation();
        report.put("cacheKey", computation.inputKey()).put("cached", computation.reused());
        report.put("fingerprint", computation.fingerprint());
        report.put("precision", computation.precision()).put("device", computation.deviceKind());
        report.put("loadMillis", computation.loadMillis())
                .put("runMillis", computation.runMillis());
        out.println(report.toPrettyString());
        out.flush();
    }
}
