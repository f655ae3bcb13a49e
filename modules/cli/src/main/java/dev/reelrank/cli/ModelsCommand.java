package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.cli.terminal.Terminal;
import dev.reelrank.cli.terminal.TransferDisplay;
import dev.reelrank.hub.Fetch;
import dev.reelrank.hub.FetchOptions;
import dev.reelrank.hub.FetchedModel;
import dev.reelrank.hub.ModelState;
import dev.reelrank.hub.Status;
import dev.reelrank.hub.VerifiedModel;
import dev.reelrank.hub.Verify;
import dev.reelrank.hub.checkpoint.Convert;
import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.hub.plan.Plans;
import dev.reelrank.hub.remote.HubSettings;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Published models onto the disk. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description =
                "Fetches published models from a hub, checks them, says what is there, and converts.")
final class ModelsCommand {
    /** Which models. */
    static final class Which {
        @Option(
                names = "--for",
                paramLabel = "NAME",
                arity = "1..*",
                description =
                        "Plans (final, prompt, candidate, ranking, grade) or models (wan, qwen, …).")
        List<String> names = new ArrayList<>();

        @Option(
                names = "--plans",
                paramLabel = "FILE",
                description = "Plans of your own, beside or in place of those that ship.")
        @Nullable Path file;

        Plans plans() {
            return file == null ? Plans.shipped() : Plans.shipped().with(file);
        }

        List<ModelPlan> models(List<String> absent) {
            return plans().choose(names.isEmpty() ? absent : names);
        }
    }

    /** Where they lie. */
    static final class Where {
        @Option(
                names = "--models",
                paramLabel = "DIR",
                description =
                        "The models folder. With --layout cache its default is the hub cache.")
        @Nullable Path models;

        @Option(
                names = "--layout",
                paramLabel = "LAYOUT",
                defaultValue = "plain",
                description =
                        "plain: one folder per model. cache: as Hugging Face's tools arrange it. Default: ${DEFAULT-VALUE}.")
        Layout layout = Layout.PLAIN;

        Path root() {
            if (models != null) {
                return models.toAbsolutePath();
            }
            if (layout == Layout.CACHE) {
                return HubSettings.of(System.getenv(), List.of()).cache();
            }
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "name the models folder with --models DIR, or use the hub cache with --layout cache");
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the plans and the models that can be fetched.")
    int list(@Mixin Which which, @Option(names = "--json", description = "As JSON.") boolean json) {
        Plans plans = which.plans();
        List<ModelPlan> models = which.models(List.copyOf(plans.models().keySet()));
        if (json) {
            Json.print(which.names.isEmpty() ? plans : models);
            return ExitCode.OK;
        }
        System.out.println(
                AsciiTable.getTable(
                        models,
                        List.of(
                                Columns.left("model", 20, ModelPlan::name),
                                Columns.left("repository", 50, ModelPlan::repository),
                                Columns.left("revision", 42, ModelPlan::revision),
                                Columns.left("about", 10, m -> about(m.about())),
                                Columns.left("gated", 8, m -> m.gated() ? "yes" : ""),
                                Columns.left("what", 70, ModelPlan::description))));
        if (which.names.isEmpty()) {
            plans.plans()
                    .forEach(
                            (name, plan) ->
                                    System.out.printf(
                                            "%-10s %s: %s%n",
                                            name,
                                            plan.description(),
                                            String.join(", ", plan.models())));
        }
        return ExitCode.OK;
    }

    private static String about(long bytes) {
        return bytes == 0 ? "" : ByteSize.of(bytes);
    }

    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            description = {
                "Fetches models, checks every file by its hash, and records commits and hashes in models.lock.json.",
                "The same command goes on after an interruption. It reads HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HOME,",
                "HF_HUB_CACHE, HF_HUB_OFFLINE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
            })
    int fetch(
            @Mixin Which which,
            @Mixin Where where,
            @Option(
                            names = "--inference-only",
                            description =
                                    "Leave out what inference does not read: cards, licences.")
                    boolean inferenceOnly,
            @Option(
                            names = "--update",
                            description =
                                    "Move to what the revisions mean now. Default: stay at the commits of the lock file.")
                    boolean update,
            @Option(
                            names = "--endpoint",
                            paramLabel = "URL",
                            description =
                                    "The hub; given again, mirrors that are asked next. Default: HF_ENDPOINT, or https://huggingface.co.")
                    List<String> endpoints,
            @Option(
                            names = "--parallel",
                            paramLabel = "N",
                            defaultValue = "4",
                            description =
                                    "Files at the same time, 1 to 64. Default: ${DEFAULT-VALUE}.")
                    int parallel,
            @Option(
                            names = "--dry-run",
                            description = "Say what would be fetched, with sizes. Writes nothing.")
                    boolean dryRun,
            @Option(names = "--json", description = "As JSON.") boolean json)
            throws InterruptedException {
        Path root = where.root();
        List<ModelPlan> models = which.models(List.of("final"));
        var settings = HubSettings.of(System.getenv(), endpoints == null ? List.of() : endpoints);
        var options = new FetchOptions(inferenceOnly, update, parallel);
        List<FetchedModel> fetched;
        try (var display = new TransferDisplay(Terminal.isWatched())) {
            var fetch = new Fetch(root, where.layout, settings, options, display);
            fetched = dryRun ? fetch.plan(models) : fetch.run(models);
        }
        if (json) {
            Json.print(fetched);
        } else {
            print(fetched, dryRun);
        }
        if (!dryRun) {
            fetched.forEach(model -> sayExport(model, root));
        }
        return ExitCode.OK;
    }

    private static void print(List<FetchedModel> models, boolean dryRun) {
        System.out.println(
                AsciiTable.getTable(
                        models,
                        List.of(
                                Columns.left("model", 20, FetchedModel::name),
                                Columns.left("repository", 50, FetchedModel::repository),
                                Columns.left("commit", 40, FetchedModel::commit),
                                Columns.left("files", 6, m -> String.valueOf(m.files())),
                                Columns.left("size", 10, m -> ByteSize.of(m.bytes())),
                                Columns.left(
                                        dryRun ? "to fetch" : "fetched",
                                        10,
                                        m -> ByteSize.of(m.missingBytes())),
                                Columns.left("folder", 80, m -> m.folder().toString()))));
    }

    /** What is left to do by hand. */
    private static void sayExport(FetchedModel model, Path root) {
        if (model.export() != null) {
            System.err.printf(
                    "%s is to be exported to ONNX: python %s %s %s %s%n",
                    model.name(),
                    Home.folder().resolve("modules/perception/export/export.py"),
                    model.export(),
                    model.folder(),
                    root.resolve(model.export()));
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description =
                    "Hashes every file again and compares with models.lock.json. Uses no network.")
    int verify(
            @Mixin Which which,
            @Mixin Where where,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        List<String> names =
                which.names.isEmpty()
                        ? List.of()
                        : which.models(List.of()).stream().map(ModelPlan::name).toList();
        List<VerifiedModel> verified;
        try (var display = new TransferDisplay(Terminal.isWatched())) {
            verified = new Verify(where.root(), display).run(names);
        }
        if (json) {
            Json.print(verified);
        } else {
            verified.forEach(ModelsCommand::print);
        }
        return verified.stream().allMatch(model -> model.problems().isEmpty())
                ? ExitCode.OK
                : ExitCode.MODEL;
    }

    private static void print(VerifiedModel model) {
        System.out.printf(
                "%s: %d files, %s, commit %s: %s%n",
                model.name(),
                model.files(),
                ByteSize.of(model.bytes()),
                model.commit(),
                model.problems().isEmpty()
                        ? "all as published"
                        : model.problems().size()
                                + " wrong; reelrank models fetch --for "
                                + model.name()
                                + " mends them");
        model.problems().forEach(p -> System.out.printf("  %s %s%n", p.path(), p.problem()));
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description =
                    "Says which models are there, from sizes alone. Ends with 3 if one is not ready.")
    int status(
            @Mixin Which which,
            @Mixin Where where,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        List<ModelState> states = new Status(where.root()).of(which.models(List.of("final")));
        if (json) {
            Json.print(states);
        } else {
            System.out.println(
                    AsciiTable.getTable(
                            states,
                            List.of(
                                    Columns.left("model", 20, ModelState::name),
                                    Columns.left("state", 30, ModelsCommand::state),
                                    Columns.left("files", 12, ModelsCommand::files),
                                    Columns.left("size", 22, ModelsCommand::size),
                                    Columns.left("repository", 50, ModelState::repository),
                                    Columns.left(
                                            "commit",
                                            40,
                                            m -> m.commit() == null ? "" : m.commit()),
                                    Columns.left("folder", 80, m -> m.folder().toString()))));
        }
        return states.stream().allMatch(ModelsCommand::isReady) ? ExitCode.OK : ExitCode.MODEL;
    }

    @Command(
            name = "convert",
            mixinStandardHelpOptions = true,
            description =
                    "Writes a checkpoint of PyTorch (.pth, .pt, .bin, .ckpt) as safetensors. Executes nothing of it.")
    int convert(
            @Parameters(index = "0", paramLabel = "FILE", description = "The checkpoint.")
                    Path checkpoint,
            @Parameters(index = "1", paramLabel = "RESULT", description = "NAME.safetensors")
                    Path result,
            @Option(
                            names = "--key",
                            paramLabel = "KEY",
                            defaultValue = "",
                            description =
                                    "The dictionary of tensors to take, where the file has several.")
                    String key,
            @Option(names = "--overwrite", description = "Replace a result that exists.")
                    boolean overwrite) {
        Convert.Result written = Convert.run(checkpoint, result, key, overwrite);
        System.out.printf(
                "%s: %d tensors, %s%n", result, written.tensors(), ByteSize.of(written.bytes()));
        if (!written.others().isEmpty()) {
            System.err.println("Left out, because they are no tensors: " + written.others());
        }
        return ExitCode.OK;
    }

    private static boolean isReady(ModelState model) {
        return model.exported() == null
                ? model.state() == ModelState.State.READY
                : model.exported();
    }

    private static String state(ModelState model) {
        String state = model.state().name().toLowerCase(Locale.ROOT);
        if (model.exported() == null) {
            return state;
        }
        return state + (model.exported() ? ", exported" : ", not exported");
    }

    private static String files(ModelState model) {
        return model.files() == 0 ? "" : model.presentFiles() + " of " + model.files();
    }

    private static String size(ModelState model) {
        return model.commit() == null
                ? "about " + ByteSize.of(model.bytes())
                : ByteSize.of(model.presentBytes()) + " of " + ByteSize.of(model.bytes());
    }
}
