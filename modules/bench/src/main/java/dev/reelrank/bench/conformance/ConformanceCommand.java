package dev.reelrank.bench.conformance;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares every part of every model with fixtures of the original libraries. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "How far every part of every model is from the original library.",
        footer = {
            "",
            "modules/bench/conformance/make.py makes the fixtures, of published weights or random ones.",
            "Exit code 1 when a part differs by more than its limit."
        })
public final class ConformanceCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ConformanceCommand.class);

    @Option(
            names = "--models",
            required = true,
            paramLabel = "DIR",
            description = "The folder that make.py was given.")
    private Path models = Path.of("");

    @Option(
            names = "--fixtures",
            required = true,
            paramLabel = "DIR",
            description = "What make.py wrote.")
    private Path fixtures = Path.of("");

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "KIND",
            description = "wan, qwen, dinov3, clip or sam3. Default: all.")
    private List<String> only = List.of();

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "cpu or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(
            names = "--precision",
            defaultValue = "fp32",
            description = "Of generators and Qwen3-VL: fp32 or bf16. Default: ${DEFAULT-VALUE}.")
    private String precision = "fp32";

    @Option(
            names = "--offload",
            defaultValue = "none",
            description =
                    "Of generators, for the whole video: none, swap or stream. Default: ${DEFAULT-VALUE}.")
    private String offload = "none";

    @Option(
            names = "--limit",
            paramLabel = "ERROR",
            description =
                    "The largest relative error that passes. Default: 1e-4 in fp32; in bf16 0.05, or twice the original's own error in bf16 where the fixture knows it.")
    private @Nullable Double limit;

    @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
    private int threads = 2;

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        var on = Device.parse(device);
        var comparisons = comparisons(on);
        boolean exact = precision.equals("fp32");
        double most = limit != null ? limit : exact ? 1e-4 : 0.05;
        var findings = new ArrayList<Finding>();
        var broken = new ArrayList<ConformanceReport.Broken>();
        int count = 0;
        for (var folder : Fixture.below(fixtures)) {
            try (var fixture = Fixture.open(folder, models)) {
                if (!only.isEmpty() && !only.contains(fixture.kind())) {
                    continue;
                }
                count++;
                var comparison = comparisons.get(fixture.kind());
                if (comparison == null) {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "%s is of the unknown kind '%s'"
                                    .formatted(fixture.name(), fixture.kind()));
                }
                var collected = new Findings(fixture, most, !exact && limit == null);
                try {
                    comparison.compare(fixture, collected);
                } catch (RuntimeException e) {
                    // One model that cannot be computed must not hide the others.
                    LOG.debug("{} ended in an error", fixture.name(), e);
                    broken.add(new ConformanceReport.Broken(fixture.name(), e.toString()));
                }
                findings.addAll(collected.found());
            }
        }
        if (count == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no fixture below " + fixtures + ": make them with make.py");
        }
        var report = ConformanceReport.of(precision, on.toString(), count, findings, broken);
        System.out.println(report.table());
        json.write(report);
        return report.passes() ? 0 : 1;
    }

    private Map<String, Comparison> comparisons(Device on) {
        var perception = new PerceptionSettings(on, threads);
        var all = new HashMap<String, Comparison>();
        all.put(
                "wan",
                new WanConformance(
                        TorchDevice.of(on),
                        Precision.parse(precision, on),
                        Offload.parse(offload)));
        var videos =
                new VideoConformance(
                        TorchDevice.of(on), Precision.parse(precision, on), Offload.parse(offload));
        all.put("cogvideox", videos);
        all.put("animatediff", videos);
        all.put("qwen", new QwenConformance(on, QwenPrecision.parse(precision, on)));
        all.put("dinov3", new Dinov3Conformance(perception));
        all.put("clip", new ClipConformance(perception));
        all.put("sam3", new Sam3Conformance(perception));
        return all;
    }
}
