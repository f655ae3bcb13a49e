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
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands, in the order people meet them. */
final class Commands {
    private Commands() {}

    static void addTo(CommandLine root) {
        root.addSubcommand(new RunCommand());
        root.addSubcommand(new SubmitCommand());
        root.addSubcommand(new StudioCommand());
        root.addSubcommand(new StatusCommand());
        root.addSubcommand(new EstimateCommand());
        root.addSubcommand(new CollectCommand());
        root.addSubcommand(new ExportCommand());
        root.addSubcommand(holder(new RunsCommand()));
        root.addSubcommand(new GcCommand());
        root.addSubcommand(new ReplayCommand());
        root.addSubcommand(holder(new DeadCommand()));
        root.addSubcommand(new EvaluateCommand());
        root.addSubcommand(new CompareCommand());
        root.addSubcommand(new StudyCommand());
        root.addSubcommand(new SelectCommand());
        root.addSubcommand(new TuneCommand());
        root.addSubcommand(new PairsCommand());
        root.addSubcommand(new AlignCommand());
        root.addSubcommand(holder(new AdaptersCommand()));
        root.addSubcommand(holder(new ReportCommand()));
        root.addSubcommand(holder(new TopicsCommand()));
        root.addSubcommand(new BrokerCommand());
        root.addSubcommand(new DoctorCommand());
        root.addSubcommand(holder(new ModelsCommand()));
        root.addSubcommand(new PrepareCommand());
        root.addSubcommand(new PromptCommand());
        root.addSubcommand(new GenerateCommand());
        root.addSubcommand(new RankCommand());
        root.addSubcommand(new GradeCommand());
        root.addSubcommand(new GeometryCommand());
        root.addSubcommand(new UpscaleCommand());
        root.addSubcommand(
                new FlowCommand(
                        ConfigurationFile::json, uri -> Stores.existing(uri, InputRoots.NONE)));
        root.addSubcommand(workers());
        root.addSubcommand(benchmarks());
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
