package dev.reelrank.cli;

import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.pairs.HeldOut;
import dev.reelrank.alignment.pairs.PairCheck;
import dev.reelrank.alignment.pairs.PairFile;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.process.AutoAlignFile;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.trainer.BaseModel;
import dev.reelrank.worker.store.Stores;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains an adapter on preference pairs. */
@Command(
        name = "align",
        mixinStandardHelpOptions = true,
        description = {
            "Trains an adapter of the generator on preference pairs, on this machine's farm.",
            "After an interruption, the same command goes on from the last stored state."
        })
final class AlignCommand implements Callable<Integer> {
    /** More would not be read; the first ones show the kind of problem. */
    private static final int SHOWN = 5;

    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Mixin AlignOptions configuration = new AlignOptions();

    @Mixin PairSources sources = new PairSources();

    @Option(
            names = "--pairs",
            paramLabel = "FILE",
            description = "The pairs, JSON Lines, as 'reelrank pairs' writes them.")
    @Nullable Path pairs;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "Name of the adapter; each training makes a new version.")
    String name = "";

    @Option(
            names = "--parent",
            paramLabel = "NAME@VERSION",
            description = "Continue from this adapter instead of starting a new one.")
    @Nullable String parent;

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "DEVICE",
            description =
                    "Where to train, for example cuda:0,cuda:1: the pairs of a step are shared out among them. Default: the first GPU, or the CPU.")
    @Nullable List<String> devices;

    @Option(
            names = "--auto",
            description =
                    "Do not train now. From now on, this farm trains NAME automatically on the rankings of its runs; with --by selections, or ranking,selections, on what people choose. Each NAME has its own.")
    boolean auto;

    @Option(
            names = "--every",
            paramLabel = "N",
            description =
                    "With --auto: number of new pairs that starts a training; 0 ends that NAME is trained automatically. Default: 50.")
    int every = 50;

    @Option(
            names = "--local",
            description =
                    "Train in this process, without a broker, and write the adapter to --out; with --pairs.")
    boolean local;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "With --local: folder for the adapter. Default: the name.")
    @Nullable Path out;

    @Option(names = "--detach", description = "Ask for the training and do not wait for it.")
    boolean detach;

    @Option(
            names = "--drain-timeout",
            paramLabel = "SECONDS",
            description =
                    "Time to finish the current step when the command ends. Default: ${DEFAULT-VALUE}",
            defaultValue = "30")
    int drainSeconds = 30;

    @Option(names = "--json", description = "Print the adapter as a JSON document.")
    boolean json;

    @Override
    public Integer call() {
        Ids.requireSampleId(name);
        AlignConfig config = configuration.read();
        DataFolder data = farm.dataFolder();
        if (auto) {
            return automatically(data, config);
        }
        if ((pairs == null) == !sources.given()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "an adapter learns from --pairs FILE, or from --run ID with --by SOURCE; name one of the two");
        }
        // Before models are looked for and a farm is started.
        List<VideoPair> given = pairs == null ? null : checked(PairFile.read(pairs), config);
        BaseModel base = BaseModel.of(config, models.folders());
        List<String> where = devices != null ? devices : Devices.of(null).subList(0, 1);
        if (local) {
            return trainHere(data, config, base, where, given);
        }
        try (var session = Session.open(data, farm.trainer(data, where, models, drainSeconds));
                var interruption =
                        Interruption.saying(
                                "Interrupted. Nothing is lost: the same command goes on from the last stored state.")) {
            // Before pairs are drawn, which may load a generator: what does not fit ends here.
            var begun = parent(session, base);
            var beside = config.withLoras(AdapterReading.resolved(session, config.loras()));
            base.requireMerged(beside.loras());
            var wanted =
                    request(
                            session.store(),
                            given == null ? drawn(session, config) : given,
                            base,
                            begun,
                            beside);
            var training = AlignFollower.ask(session, wanted);
            return detach ? ExitCode.OK : training.follow(json);
        }
    }

    private int automatically(DataFolder data, AlignConfig config) {
        var before = AutoAlignFile.readOrNone(data.align());
        if (every == 0) {
            AutoAlignFile.write(data.align(), before.without(name));
            System.err.printf(
                    "From its next start on, the farm of %s trains %s no more by itself.%n",
                    data.root(), name);
            return ExitCode.OK;
        }
        double gap = sources.gap == null ? 0.02 : sources.gap;
        List<String> from = sources.by == null ? null : List.of(sources.by.split(",", -1));
        var all = before.with(new AutoAlign(name, every, gap, from, config));
        AutoAlignFile.write(data.align(), all);
        System.err.printf(
                "From its next start on, the farm of %s trains %s after every %d new pairs%s. The same command with --every 0 ends that.%n",
                data.root(), name, every, others(all));
        return ExitCode.OK;
    }

    private String others(AutoAligns all) {
        var names = all.without(name).each().stream().map(AutoAlign::name).toList();
        return names.isEmpty() ? "" : ", and as before " + String.join(", ", names);
    }

    private int trainHere(
            DataFolder data,
            AlignConfig config,
            BaseModel base,
            List<String> where,
            @Nullable List<VideoPair> given) {
        if (given == null || parent != null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--local needs --pairs FILE and takes no --parent: runs and adapters are on a farm");
        }
        try (var store = Stores.open(farm.storeUri(data))) {
            var wanted = request(store, given, base, null, config);
            return new LocalTraining(store, out == null ? Path.of(name) : out)
                    .run(wanted, models.folders(), where, json);
        }
    }

    private AlignRequest request(
            ResultStore store,
            List<VideoPair> drawn,
            BaseModel base,
            @Nullable AdapterUpdated begun,
            AlignConfig config) {
        // A training that does not look at seeds is the same one whether they are known or not.
        List<VideoPair> all =
                config.ownNoiseShare() > 0
                        ? drawn
                        : drawn.stream().map(VideoPair::withoutSeeds).toList();
        var media = new LinkedHashSet<BlobRef>();
        for (var pair : all) {
            media.add(pair.winner().blob());
            media.add(pair.loser().blob());
            if (pair.image() != null) {
                media.add(pair.image());
            }
        }
        return new AlignRequest(
                name,
                base.family(),
                base.fingerprint(),
                begun == null ? null : begun.adapter(),
                store.putBlob(
                        PairFile.text(all).getBytes(StandardCharsets.UTF_8),
                        "application/x-ndjson"),
                List.copyOf(media),
                List.of(),
                config,
                begun == null ? null : begun.family());
    }

    private List<VideoPair> drawn(Session session, AlignConfig config) {
        var drawn = sources.draw(session, models);
        PairsCommand.tell(drawn);
        return checked(drawn.pairs(), config);
    }

    /** Refuses at once what a trainer would refuse. */
    private static List<VideoPair> checked(List<VideoPair> all, AlignConfig config) {
        if (all.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there is no pair to learn from: draw some with 'reelrank pairs', or lower --gap");
        }
        var split = HeldOut.split(all, config.heldOut(), config.seed());
        var problems = PairCheck.consistency(all, List.of());
        if (!problems.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%d problem(s) in %d pairs: %s. 'reelrank pairs validate' shows all"
                            .formatted(
                                    problems.size(),
                                    all.size(),
                                    String.join(
                                            "; ",
                                            problems.stream()
                                                    .limit(SHOWN)
                                                    .map(PairCheck.Problem::toString)
                                                    .toList())));
        }
        if (config.ownNoiseShare() > 0) {
            PairCheck.requireSeeds(split.training(), FailureCode.INVALID_CONFIG);
        }
        int compared =
                Math.min(
                        config.compareSamples(),
                        (int) split.heldOut().stream().map(VideoPair::sampleId).distinct().count());
        if (compared > 0 && compared < Gate.LEAST_SAMPLES) {
            System.err.println(
                    "The adapter will not be accepted, whatever it learns: "
                            + Gate.tooFew(compared));
        }
        return all;
    }

    private @Nullable AdapterUpdated parent(Session session, BaseModel base) {
        if (parent == null) {
            return null;
        }
        var found = AdapterReading.one(AdapterReading.all(session), parent);
        base.requireParent(found.adapter().id(), found.family(), found.baseFingerprint());
        return found;
    }
}
