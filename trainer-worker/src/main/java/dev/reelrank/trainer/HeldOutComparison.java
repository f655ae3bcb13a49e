package dev.reelrank.trainer;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ComparisonReport;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.Guard;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Generates held-out samples with the base and with the adapter at equal seeds, measures both, and
 * lets the gate judge.
 */
final class HeldOutComparison {
    /** Side by side clips that a report keeps. */
    private static final int SHOWN = 8;

    private static final long FIRST_SEED = 20_000;

    private final AlignKey key;
    private final AlignConfig config;
    private final StageContext context;
    private final Path folder;
    private final ClipJudges judges;
    private final ModelFolders models;

    /**
     * @param folder where the report is made; the training's curves may lie there
     * @param judges measure the guards that frames alone do not show
     * @param models where their models are
     */
    HeldOutComparison(
            AlignKey key,
            AlignConfig config,
            StageContext context,
            Path folder,
            ClipJudges judges,
            ModelFolders models) {
        this.key = key;
        this.config = config;
        this.context = context;
        this.folder = folder;
        this.judges = judges;
        this.models = models;
    }

    /** Frames of all clips of a generator, by sample and seed. */
    private record Clips(Map<String, List<List<RgbImage>>> bySample) {}

    /**
     * Compares.
     *
     * @param name of the adapter, for the report
     * @param heldOut one pair or more of each held-out sample
     * @param adapter the trained adapter
     * @return empty if the context was cancelled
     * @throws StageException INVALID_SAMPLE when the gate looks at what is not measured
     */
    Optional<ComparisonReport> run(String name, List<VideoPair> heldOut, LoraSpec adapter) {
        var samples = new LinkedHashMap<String, VideoPair>();
        for (var pair : heldOut) {
            if (samples.size() < config.compareSamples()) {
                samples.putIfAbsent(pair.sampleId(), pair);
            }
        }
        var base = clips(samples, key.merged());
        var merged = new ArrayList<>(key.merged());
        merged.add(adapter);
        var aligned = base.isEmpty() ? base : clips(samples, merged);
        if (aligned.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                judged(
                        name,
                        base.get(),
                        aligned.get(),
                        guarded(samples, base.get(), aligned.get())));
    }

    /** What the judges say, by sample: of every seed the base's clip, then the adapter's. */
    private Map<String, List<Map<String, Double>>> guarded(
            Map<String, VideoPair> samples, Clips base, Clips aligned) {
        var figures = new LinkedHashMap<String, List<Map<String, Double>>>();
        if (config.judged().isEmpty()) {
            return figures;
        }
        try (var judge = judges.open(config.judged(), models, context.device(), context.cores())) {
            base.bySample()
                    .forEach(
                            (sample, frames) -> {
                                var pair = Objects.requireNonNull(samples.get(sample));
                                var other = Objects.requireNonNull(aligned.bySample().get(sample));
                                var clips = new ArrayList<List<RgbImage>>();
                                for (int i = 0; i < frames.size(); i++) {
                                    clips.add(frames.get(i));
                                    clips.add(other.get(i));
                                }
                                figures.put(
                                        sample,
                                        judge.judge(image(pair), pair.prompt(), files(clips)));
                            });
        }
        return figures;
    }

    /** As the pipeline stores candidates. */
    private List<Path> files(List<List<RgbImage>> clips) {
        var files = new ArrayList<Path>();
        for (var clip : clips) {
            Path file = context.scratch().resolve("judged-" + files.size() + ".mp4");
            VideoWriter.write(file, clip, VideoSettings.h264(key.model().defaults().fps()));
            files.add(file);
        }
        return files;
    }

    private static Map<String, Double> with(
            Map<String, Double> measured,
            Map<String, List<Map<String, Double>>> guarded,
            String sample,
            int place) {
        var more = guarded.get(sample);
        if (more == null) {
            return measured;
        }
        var all = new LinkedHashMap<>(measured);
        all.putAll(more.get(place));
        return all;
    }

    private ComparisonReport judged(
            String name,
            Clips base,
            Clips aligned,
            Map<String, List<Map<String, Double>>> guarded) {
        var report = new ReportFolder(folder);
        var clips = new ArrayList<ComparedClip>();
        base.bySample()
                .forEach(
                        (sample, frames) -> {
                            for (int i = 0; i < frames.size(); i++) {
                                var other =
                                        Objects.requireNonNull(aligned.bySample().get(sample))
                                                .get(i);
                                long seed = FIRST_SEED + i;
                                clips.add(
                                        new ComparedClip(
                                                sample,
                                                seed,
                                                with(
                                                        ClipMetrics.of(frames.get(i)),
                                                        guarded,
                                                        sample,
                                                        2 * i),
                                                with(
                                                        ClipMetrics.of(other),
                                                        guarded,
                                                        sample,
                                                        2 * i + 1)));
                                if (i == 0 && clips.size() <= SHOWN * frames.size()) {
                                    report.show(
                                            sample,
                                            seed,
                                            frames.get(i),
                                            other,
                                            key.model().defaults().fps());
                                }
                            }
                        });
        boolean moves = config.target().equals(ClipMetrics.MOTION);
        boolean more = moves || AlignConfig.GUARDS.contains(config.target());
        var guards = new ArrayList<Guard>();
        if (!moves) {
            guards.add(Guard.motion(config.motionTolerance()));
        }
        config.guards().forEach((figure, loss) -> guards.add(new Guard(figure, true, loss, false)));
        var gate = new Gate(config.target(), more, guards);
        var made =
                ComparisonReport.of(
                        name,
                        key.model().folder().getFileName().toString(),
                        gate,
                        clips,
                        Bootstrap.DEFAULT);
        report.write(made);
        return made;
    }

    private Optional<Clips> clips(Map<String, VideoPair> samples, List<LoraSpec> loras) {
        var all = new LinkedHashMap<String, List<List<RgbImage>>>();
        TorchDevice device = TorchDevice.of(context.device());
        var settings = key.model().loadSettings(key.weights(), "auto", loras, device);
        try (var generator = key.model().load(settings, device)) {
            for (var entry : samples.entrySet()) {
                var frames = sample(generator, entry.getValue());
                if (frames.isEmpty()) {
                    return Optional.empty();
                }
                all.put(entry.getKey(), frames.get());
                context.progress(
                        0,
                        config.steps(),
                        config.steps(),
                        Map.of("comparedSamples", (double) all.size()));
            }
        }
        return Optional.of(new Clips(all));
    }

    private Optional<List<List<RgbImage>>> sample(Generator generator, VideoPair pair) {
        RgbImage image = image(pair);
        var settings = key.model().settings(configuration(pair), image);
        var frames = new ArrayList<List<RgbImage>>();
        try (var conditioning =
                generator.condition(
                        settings,
                        new PromptInput.Text(pair.prompt()),
                        key.model().options().seen(image))) {
            for (int i = 0; i < config.compareSeeds(); i++) {
                var made = generator.generate(conditioning, FIRST_SEED + i, listener());
                if (made.isEmpty()) {
                    return Optional.empty();
                }
                frames.add(made.get().frames());
            }
        }
        return Optional.of(frames);
    }

    private @Nullable RgbImage image(VideoPair pair) {
        return pair.image() == null
                ? null
                : Images.read(context.store().fetch(pair.image(), context.scratch()));
    }

    /** As the pair's videos were generated; of recordings their size alone is known. */
    private CandidateConfig configuration(VideoPair pair) {
        var made = pair.configuration();
        if (made != null) {
            return made.withLoras(List.of());
        }
        var info =
                VideoReader.probe(context.store().fetch(pair.winner().blob(), context.scratch()));
        return CandidateConfig.defaults()
                .withSize(info.width(), info.height(), info.frames())
                .withLoras(List.of());
    }

    private GenerationListener listener() {
        return new GenerationListener() {
            @Override
            public void step(int step, int of) {
                context.progress(0, config.steps(), config.steps(), Map.of());
            }

            @Override
            public boolean cancelled() {
                return context.cancelled();
            }
        };
    }

    /** The folder as one file: equal folders give equal bytes. */
    static Path zipped(Path folder, Path zip) {
        try (OutputStream out = Files.newOutputStream(zip);
                var entries = new ZipOutputStream(out);
                var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                var entry = new ZipEntry(file.getFileName().toString());
                entry.setLastModifiedTime(FileTime.fromMillis(0));
                entries.putNextEntry(entry);
                Files.copy(file, entries);
                entries.closeEntry();
            }
            return zip;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + zip + ": " + e.getMessage(), e);
        }
    }
}
