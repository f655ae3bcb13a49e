package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.alignment.adapter.AdapterFormats;
import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.AdapterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows, exports, imports and retires adapters. */
@Command(
        name = "adapters",
        mixinStandardHelpOptions = true,
        description =
                "The adapters of this farm: what 'reelrank align' trained, and what was imported.")
final class AdaptersCommand {
    /** Folders of networks. */
    private static final String TRANSFORMER = "transformer";

    private static final String UNET = "unet";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists all versions of all adapters.")
    int list(
            @Mixin FarmOptions farm,
            @Option(names = "--json", description = "Print one JSON document per line.")
                    boolean json) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var all = AdapterReading.all(session);
            if (json) {
                all.forEach(adapter -> System.out.println(Json.line(adapter)));
            } else if (all.isEmpty()) {
                System.out.println("No adapters. Train one with 'reelrank align'.");
            } else {
                System.out.println(
                        AsciiTable.getTable(
                                new String[] {"adapter", "state", "family", "base", "reason"},
                                all.stream().map(AdaptersCommand::row).toArray(String[][]::new)));
            }
            return ExitCode.OK;
        }
    }

    private static String[] row(AdapterUpdated adapter) {
        String base = adapter.baseFingerprint();
        return new String[] {
            adapter.adapter().id(),
            AdapterReading.word(adapter.state()),
            adapter.family(),
            base.isEmpty() ? "unknown" : base.substring(0, Math.min(12, base.length())),
            adapter.reason()
        };
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows everything about one version as a JSON document.")
    int show(
            @Mixin FarmOptions farm,
            @Parameters(paramLabel = "NAME@VERSION", description = "For example smooth@3.")
                    String reference,
            @Option(
                            names = "--curves",
                            paramLabel = "DIR",
                            description =
                                    "Also write its curves, its TensorBoard file and the report of its comparison (a zip with a page) there.")
                    @Nullable Path curves) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var adapter = AdapterReading.one(AdapterReading.all(session), reference);
            Json.print(adapter);
            if (curves != null) {
                adapter.curves()
                        .forEach(
                                (name, picture) ->
                                        StoredCopy.write(
                                                session.store(),
                                                picture,
                                                curves.resolve(name + ".png")));
                if (adapter.events() != null) {
                    StoredCopy.write(
                            session.store(),
                            adapter.events(),
                            curves.resolve("events.out.tfevents." + adapter.adapter().name()));
                }
                if (adapter.report() != null) {
                    StoredCopy.write(
                            session.store(), adapter.report(), curves.resolve("report.zip"));
                }
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description =
                    "Writes one version into a folder, one subfolder per network, in the format of diffusers or of PEFT.")
    int export(
            @Mixin FarmOptions farm,
            @Parameters(paramLabel = "NAME@VERSION", description = "For example smooth@3.")
                    String reference,
            @Option(
                            names = "--out",
                            required = true,
                            paramLabel = "DIR",
                            description = "Folder for the files.")
                    Path out,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "diffusers",
                            description = "diffusers or peft. Default: ${DEFAULT-VALUE}.")
                    String format) {
        if (!List.of("diffusers", "peft").contains(format)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--format is '" + format + "'; it must be diffusers or peft");
        }
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var adapter = AdapterReading.one(AdapterReading.all(session), reference);
            adapter.adapter()
                    .files()
                    .forEach(
                            (network, blob) -> {
                                Path folder = out.resolve(network);
                                Path file = folder.resolve(DiffusersAdapter.FILE);
                                StoredCopy.write(session.store(), blob, file);
                                if (format.equals("peft")) {
                                    AdapterFormats.toPeft(
                                            file, DiffusersAdapter.prefix(network), folder, null);
                                    delete(file);
                                }
                                System.err.println("Written to " + folder);
                            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description =
                    "Imports an adapter under a name: a diffusers file, a PEFT folder, or a folder with one of these per network (transformer, transformer_2, unet).")
    int take(
            @Mixin FarmOptions farm,
            @Mixin ModelOptions models,
            @Parameters(paramLabel = "PATH", description = "File or folder.") Path path,
            @Option(
                            names = "--name",
                            required = true,
                            paramLabel = "NAME",
                            description = "Name of the adapter.")
                    String name,
            @Option(
                            names = "--family",
                            defaultValue = "wan",
                            paramLabel = "FAMILY",
                            description =
                                    "Generator family that it changes. Default: ${DEFAULT-VALUE}.")
                    String family,
            @Option(
                            names = "--base-fingerprint",
                            defaultValue = "",
                            paramLabel = "HEX",
                            description =
                                    "Fingerprint of the generator that it belongs to. Default: unknown, so that it is not checked.")
                    String base,
            @Option(names = "--accepted", description = "Import it as accepted.")
                    boolean accepted) {
        Ids.requireSampleId(name);
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.trainer(data, List.of(), models, 30))) {
            Map<String, BlobRef> files = files(session, path, family);
            session.publisher()
                    .publish(
                            new AdapterImported(
                                    name,
                                    family,
                                    base,
                                    files,
                                    accepted,
                                    System.getProperty("user.name"),
                                    Instant.now()));
            var made =
                    await(
                            session,
                            a ->
                                    a.adapter().name().equals(name)
                                            && a.adapter().files().equals(files));
            System.out.printf("%s: %s%n", made.adapter().id(), AdapterReading.word(made.state()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "retire",
            mixinStandardHelpOptions = true,
            description =
                    "Retires a version: it is no longer the accepted one. Its files are kept, and runs that name it continue.")
    int retire(
            @Mixin FarmOptions farm,
            @Mixin ModelOptions models,
            @Parameters(paramLabel = "NAME@VERSION", description = "For example smooth@3.")
                    String reference,
            @Option(
                            names = "--reason",
                            defaultValue = "retired by a user",
                            paramLabel = "TEXT",
                            description = "Reason, shown to people. Default: ${DEFAULT-VALUE}.")
                    String reason) {
        return judge(farm, models, reference, AdapterState.RETIRED, reason);
    }

    private static int judge(
            FarmOptions farm,
            ModelOptions models,
            String reference,
            AdapterState state,
            String reason) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.trainer(data, List.of(), models, 30))) {
            var adapter = AdapterReading.one(AdapterReading.all(session), reference).adapter();
            session.publisher()
                    .publish(
                            new AdapterJudged(
                                    adapter.name(),
                                    adapter.version(),
                                    state,
                                    reason,
                                    null,
                                    System.getProperty("user.name"),
                                    Instant.now()));
            await(session, a -> a.adapter().equals(adapter) && a.state() == state);
            System.out.printf("%s: %s%n", adapter.id(), AdapterReading.word(state));
            return ExitCode.OK;
        }
    }

    /** Flow decides, and says so on the topic of adapters. */
    private static AdapterUpdated await(Session session, Predicate<AdapterUpdated> wanted) {
        Instant limit = Instant.now().plus(PATIENCE);
        try (var reader = session.reader(List.of(session.topics().adapters()))) {
            while (Instant.now().isBefore(limit)) {
                for (var stored : reader.poll(Duration.ofMillis(250))) {
                    if (stored.event() instanceof AdapterUpdated adapter && wanted.test(adapter)) {
                        return adapter;
                    }
                }
            }
        }
        throw new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "flow did not answer within %d s; is it running? see %s"
                        .formatted(PATIENCE.toSeconds(), session.data().logs()));
    }

    /** By network, each in the format of diffusers. */
    private static Map<String, BlobRef> files(Session session, Path path, String family) {
        var files = new LinkedHashMap<String, BlobRef>();
        if (Files.isRegularFile(path) || isOne(path)) {
            String network = family.equals("animatediff") ? UNET : TRANSFORMER;
            files.put(network, stored(session, path, network));
        } else {
            for (String network : List.of(TRANSFORMER, TRANSFORMER + "_2", UNET)) {
                if (isOne(path.resolve(network))) {
                    files.put(network, stored(session, path.resolve(network), network));
                }
            }
        }
        if (files.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is no adapter: it has neither %s nor adapter_config.json, nor folders 'transformer', 'transformer_2' or 'unet' with them"
                            .formatted(path, DiffusersAdapter.FILE));
        }
        return files;
    }

    private static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve(DiffusersAdapter.FILE))
                || Files.isRegularFile(folder.resolve("adapter_config.json"));
    }

    private static BlobRef stored(Session session, Path path, String network) {
        String prefix = DiffusersAdapter.prefix(network);
        Path made = null;
        try {
            Path file = Files.isDirectory(path) ? path.resolve(DiffusersAdapter.FILE) : path;
            if (!Files.isRegularFile(file)) {
                made = Files.createTempDirectory("reelrank-adapters");
                file = made.resolve(DiffusersAdapter.FILE);
                AdapterFormats.toDiffusers(path, prefix, file);
            }
            AdapterFormats.check(file, prefix);
            return session.store().putBlob(file, "application/octet-stream");
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot make a temporary folder: " + e.getMessage(),
                    e);
        } finally {
            TemporaryFolder.delete(made);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot delete " + file + ": " + e.getMessage(), e);
        }
    }
}
