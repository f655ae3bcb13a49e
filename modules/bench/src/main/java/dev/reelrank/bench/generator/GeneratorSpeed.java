package dev.reelrank.bench.generator;

import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.GpuTrace;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.VideoSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Times a model from its prompt to its frames, by the way that every command takes. */
final class GeneratorSpeed {
    private static final PromptInput PROMPT =
            new PromptInput.Text("a small robot waters a plant on a sunny balcony");
    private static final int SEED = 42;

    private final GeneratorModel model;
    private final TorchDevice device;
    private final GenerationSettings settings;
    private final @Nullable RgbImage image;
    private final List<Measured> measured = new ArrayList<>();
    private final List<Breakdown> breakdowns = new ArrayList<>();
    private final boolean watched;

    /**
     * @param settings of the candidate: as many steps as are to be timed, and one
     * @param watched whether one more candidate shows which kernels run
     */
    GeneratorSpeed(
            GeneratorModel model,
            TorchDevice device,
            GenerationSettings settings,
            boolean watched) {
        this.watched = watched;
        this.model = model;
        this.device = device;
        this.settings = settings;
        image =
                model.options().image() == ImageInput.REQUIRED
                        ? new PictureSize(settings.width(), settings.height()).gradient()
                        : null;
    }

    /** Whether the video is made from an image too. */
    boolean fromImage() {
        return image != null;
    }

    /**
     * Loads the model and makes two videos: one of two steps, with whatever is set up in it, then
     * the one that is timed.
     *
     * @param out where the second is written; null for nowhere
     */
    List<Measured> measure(LoadSettings load, @Nullable Path out) {
        MemoryReport.resetPeak(device);
        long begin = System.nanoTime();
        try (Generator generator = model.load(load, device)) {
            device.synchronize();
            add("load", seconds(begin), MemoryReport.of(device));
            generator.condition(settings, PROMPT, image).close();
            device.emptyCache();
            MemoryReport.resetPeak(device);
            begin = System.nanoTime();
            try (Conditioning first = generator.condition(few(), PROMPT, image)) {
                device.synchronize();
                add("text", seconds(begin), MemoryReport.of(device));
                generator.generate(first, SEED, null, GenerationListener.NONE, frame -> {});
            }
            begin = System.nanoTime();
            try (Conditioning sample = generator.condition(settings, PROMPT, image)) {
                candidate(generator, sample, begin, out);
            }
            if (watched) {
                watch(generator);
            }
        }
        return List.copyOf(measured);
    }

    /** Where the time of a step and of decoding goes; empty unless watched. */
    List<Breakdown> breakdowns() {
        return List.copyOf(breakdowns);
    }

    /** The second of two steps, and decoding. */
    private void watch(Generator generator) {
        try (Conditioning sample = generator.condition(few(), PROMPT, image);
                var trace = GpuTrace.start(device)) {
            var begin = new AtomicLong(System.nanoTime());
            generator.generate(
                    sample,
                    SEED,
                    null,
                    (step, of) -> {
                        double wall = seconds(begin.get());
                        var kernels = trace.taken();
                        if (step == of) {
                            breakdowns.add(new Breakdown("step", wall, kernels));
                        }
                        begin.set(System.nanoTime());
                    },
                    frame -> {});
            breakdowns.add(new Breakdown("decode", seconds(begin.get()), trace.taken()));
        }
    }

    private void candidate(
            Generator generator, Conditioning sample, long begin, @Nullable Path out) {
        if (out == null) {
            timed(generator, sample, begin, frame -> {}, () -> {});
            return;
        }
        try (var writer =
                BackgroundWriter.start(
                        out,
                        settings.width(),
                        settings.height(),
                        VideoSettings.h264(settings.fps()))) {
            timed(generator, sample, begin, writer, writer::finish);
        }
    }

    private void timed(
            Generator generator,
            Conditioning sample,
            long begin,
            Consumer<RgbImage> frames,
            Runnable finish) {
        var ends = new ArrayList<Long>();
        var waited = new AtomicLong();
        var made =
                generator
                        .generate(
                                sample,
                                SEED,
                                null,
                                (step, of) -> ends.add(System.nanoTime()),
                                timed(frames, waited))
                        .orElseThrow();
        finish.run();
        double all = seconds(begin);
        var denoise = Objects.requireNonNull(made.memory().get("denoise"));
        var decode = Objects.requireNonNull(made.memory().get("decode"));
        add("step", median(ends), denoise);
        double decoding = Objects.requireNonNull(made.timings().get("decode")) / 1e3;
        add("decode", decoding - waited.get() / 1e9, decode);
        add("candidate", all, denoise.peak() > decode.peak() ? denoise : decode);
    }

    /** Counts how long decoding waits for those who take its frames. */
    private static Consumer<RgbImage> timed(Consumer<RgbImage> frames, AtomicLong waited) {
        return frame -> {
            long begin = System.nanoTime();
            frames.accept(frame);
            waited.addAndGet(System.nanoTime() - begin);
        };
    }

    /** Of the steps after the first; each ends when the device is done with it. */
    private static double median(List<Long> ends) {
        var steps = new ArrayList<Long>();
        for (int i = 1; i < ends.size(); i++) {
            steps.add(ends.get(i) - ends.get(i - 1));
        }
        steps.sort(null);
        return steps.get(steps.size() / 2) / 1e9;
    }

    private GenerationSettings few() {
        return new GenerationSettings(
                settings.width(),
                settings.height(),
                settings.frames(),
                settings.fps(),
                2,
                settings.guidance(),
                settings.negativePrompt(),
                settings.scheduler(),
                settings.parameters());
    }

    private void add(String part, double seconds, MemoryReport memory) {
        measured.add(new Measured(part, seconds, memory));
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }
}
