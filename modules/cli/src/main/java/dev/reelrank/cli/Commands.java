package dev.reelrank.cli;

import dev.reelrank.bench.AttentionBench;
import dev.reelrank.bench.GradeBench;
import dev.reelrank.bench.MotionBench;
import dev.reelrank.bench.PruneBench;
import dev.reelrank.bench.QwenBench;
import dev.reelrank.bench.RankBench;
import dev.reelrank.bench.SparsityBench;
import dev.reelrank.bench.TestbedBench;
import dev.reelrank.bench.align.AlignBench;
import dev.reelrank.bench.bus.BusCommand;
import dev.reelrank.bench.chaos.ChaosCommand;
import dev.reelrank.bench.conformance.ConformanceCommand;
import dev.reelrank.bench.evaluate.EvaluateBench;
import dev.reelrank.bench.farm.FarmCommand;
import dev.reelrank.bench.gate.GateBench;
import dev.reelrank.bench.generator.GeneratorBench;
import dev.reelrank.bench.geometry.GeometryBench;
import dev.reelrank.bench.hostile.HostileCommand;
import dev.reelrank.bench.judge.JudgeBench;
import dev.reelrank.bench.soak.SoakCommand;
import dev.reelrank.bench.wan.WanBench;
import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.dqa.DqaWorker;
import dev.reelrank.dqa.GradeCommand;
import dev.reelrank.evaluator.EvaluatorWorker;
import dev.reelrank.flow.process.FlowCommand;
import dev.reelrank.generator.GenerateCommand;
import dev.reelrank.generator.GeneratorWorker;
import dev.reelrank.prompt.PromptCommand;
import dev.reelrank.prompt.PromptWorker;
import dev.reelrank.reranker.RankCommand;
import dev.reelrank.reranker.RerankerWorker;
import dev.reelrank.trainer.TrainerWorker;
import dev.reelrank.worker.store.InputRoots;
import dev.reelrank.worker.store.Stores;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands, in the order people meet them. */
final class Commands {
    private Commands() {}

    /**
     * Adds the command that the arguments name, alone: a model of all of them takes longer than
     * what many of them do. If they name none, all are added.
     */
    static void addTo(CommandLine root, String... arguments) {
        Map<String, Supplier<Object>> all = all();
        Supplier<Object> named = arguments.length == 0 ? null : all.get(arguments[0]);
        if (named != null) {
            root.addSubcommand(arguments[0], named.get());
        } else {
            all.forEach((name, command) -> root.addSubcommand(name, command.get()));
        }
    }

    private static Map<String, Supplier<Object>> all() {
        var all = new LinkedHashMap<String, Supplier<Object>>();
        all.put("run", RunCommand::new);
        all.put("submit", SubmitCommand::new);
        all.put("studio", StudioCommand::new);
        all.put("status", StatusCommand::new);
        all.put("estimate", EstimateCommand::new);
        all.put("collect", CollectCommand::new);
        all.put("export", ExportCommand::new);
        all.put("runs", () -> holder(new RunsCommand()));
        all.put("gc", GcCommand::new);
        all.put("replay", ReplayCommand::new);
        all.put("dead", () -> holder(new DeadCommand()));
        all.put("evaluate", EvaluateCommand::new);
        all.put("compare", CompareCommand::new);
        all.put("study", StudyCommand::new);
        all.put("select", SelectCommand::new);
        all.put("tune", TuneCommand::new);
        all.put("pairs", PairsCommand::new);
        all.put("align", AlignCommand::new);
        all.put("adapters", () -> holder(new AdaptersCommand()));
        all.put("report", () -> holder(new ReportCommand()));
        all.put("topics", () -> holder(new TopicsCommand()));
        all.put("broker", BrokerCommand::new);
        all.put("doctor", DoctorCommand::new);
        all.put("models", () -> holder(new ModelsCommand()));
        all.put("prepare", PrepareCommand::new);
        all.put("prompt", PromptCommand::new);
        all.put("generate", GenerateCommand::new);
        all.put("rank", RankCommand::new);
        all.put("grade", GradeCommand::new);
        all.put("geometry", GeometryCommand::new);
        all.put("upscale", UpscaleCommand::new);
        all.put(
                "flow",
                () ->
                        new FlowCommand(
                                ConfigurationFile::json,
                                uri -> Stores.existing(uri, InputRoots.NONE)));
        all.put("worker", Commands::workers);
        all.put("bench", Commands::benchmarks);
        return all;
    }

    /** Each worker is a process of its own; the class path holds all of them. */
    private static CommandLine workers() {
        return holder(new WorkerHolder())
                .addSubcommand(new PromptWorker())
                .addSubcommand(new GeneratorWorker())
                .addSubcommand(new TrainerWorker(new GateJudges()))
                .addSubcommand(new RerankerWorker())
                .addSubcommand(new DqaWorker())
                .addSubcommand(new EvaluatorWorker());
    }

    private static CommandLine benchmarks() {
        return holder(new BenchHolder())
                .addSubcommand(new BusCommand())
                .addSubcommand(new FarmCommand())
                .addSubcommand(new ChaosCommand())
                .addSubcommand(new HostileCommand())
                .addSubcommand(new SoakCommand())
                .addSubcommand(new WanBench())
                .addSubcommand(new GeneratorBench())
                .addSubcommand(new QwenBench())
                .addSubcommand(new AlignBench())
                .addSubcommand(new JudgeBench())
                .addSubcommand(new RankBench())
                .addSubcommand(new MotionBench())
                .addSubcommand(new GradeBench())
                .addSubcommand(new EvaluateBench())
                .addSubcommand(new GateBench())
                .addSubcommand(new GeometryBench())
                .addSubcommand(new TestbedBench())
                .addSubcommand(new PruneBench())
                .addSubcommand(new AttentionBench())
                .addSubcommand(new SparsityBench())
                .addSubcommand(new ConformanceCommand());
    }

    @Command(
            name = "worker",
            mixinStandardHelpOptions = true,
            description =
                    "Runs one worker: reelrank worker STAGE --bootstrap ... --store ... --models"
                            + " ...")
    private static final class WorkerHolder {}

    @Command(
            name = "bench",
            mixinStandardHelpOptions = true,
            description = "Measures speed, quality and behaviour under faults.")
    private static final class BenchHolder {}

    /** A command that only holds others: alone it shows its usage. */
    private static CommandLine holder(Object command) {
        var holder = new CommandLine(command);
        holder.getCommandSpec().usageMessage().synopsisSubcommandLabel("COMMAND");
        return holder;
    }
}
