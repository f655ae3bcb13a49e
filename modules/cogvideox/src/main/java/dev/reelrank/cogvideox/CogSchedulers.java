package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.schedule.DdimScheduler;
import dev.reelrank.diffusion.schedule.DdimSettings;
import dev.reelrank.diffusion.schedule.DdimSettings.Spacing;
import dev.reelrank.diffusion.schedule.DpmSdeScheduler;
import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.schedule.SignalSquares;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The noise that a model was trained on, and the schedulers that take it away.
 *
 * @param name of the folder's scheduler
 * @param settings of either scheduler
 */
record CogSchedulers(String name, DdimSettings settings) {
    static final String DDIM = "ddim";
    static final String DPM = "dpm";
    static final List<String> NAMES = List.of(DDIM, DPM);
    private static final Map<String, String> CLASSES =
            Map.of("CogVideoXDDIMScheduler", DDIM, "CogVideoXDPMScheduler", DPM);

    /**
     * Reads {@code scheduler_config.json}.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming what is not supported
     */
    static CogSchedulers read(ConfigFile file) {
        String kind = file.text("_class_name");
        String name = kind == null ? null : CLASSES.get(kind);
        if (name == null) {
            throw file.wrong("_class_name", String.join(" or ", CLASSES.keySet()));
        }
        var unsupported = file.setOf("trained_betas", "clip_sample", "thresholding");
        if (!unsupported.isEmpty()) {
            throw file.unsupported("a scheduler with " + unsupported);
        }
        if (!"v_prediction".equals(file.text("prediction_type"))) {
            throw file.wrong("prediction_type", "v_prediction");
        }
        return new CogSchedulers(
                name,
                new DdimSettings(
                        NoiseSchedule.variancePreserving(squares(file)),
                        PredictionType.V,
                        spacing(file),
                        (int) file.number("steps_offset", 0),
                        file.flag("set_alpha_to_one", true),
                        Double.POSITIVE_INFINITY));
    }

    private static double[] squares(ConfigFile file) {
        int timesteps = (int) file.integer("num_train_timesteps", 1000);
        double start = file.number("beta_start", 0.00085);
        double end = file.number("beta_end", 0.012);
        if (!(start > 0 && end < 1 && start <= end)) {
            throw file.wrong("beta_end", "below 1 and at least beta_start, which is above 0");
        }
        String shape = Objects.requireNonNullElse(file.text("beta_schedule"), "scaled_linear");
        double[] squares =
                switch (shape) {
                    case "scaled_linear" ->
                            SignalSquares.scaledLinearInDouble(start, end, timesteps);
                    case "linear" -> SignalSquares.linear(start, end, timesteps);
                    default -> throw file.wrong("beta_schedule", "scaled_linear or linear");
                };
        // The published classes shift by 3 where the file says nothing.
        double scale = file.number("snr_shift_scale", 3);
        if (scale <= 0) {
            throw file.wrong("snr_shift_scale", "above 0");
        }
        double[] shifted = SignalSquares.shifted(squares, scale);
        return file.flag("rescale_betas_zero_snr", false)
                ? SignalSquares.endingInNoise(shifted)
                : shifted;
    }

    private static Spacing spacing(ConfigFile file) {
        String text = Objects.requireNonNullElse(file.text("timestep_spacing"), "leading");
        for (var spacing : Spacing.values()) {
            if (spacing.id().equals(text)) {
                return spacing;
            }
        }
        throw file.wrong("timestep_spacing", "leading, trailing or linspace");
    }

    /** How noisy a sample is at each timestep of training. */
    NoiseSchedule training() {
        return settings.schedule();
    }

    /**
     * A new scheduler for one generation.
     *
     * @param noise the next numbers of the generation; only {@code dpm} draws any
     */
    Scheduler of(String scheduler, int steps, Supplier<Tensor> noise) {
        return scheduler.equals(DDIM)
                ? new DdimScheduler(settings, steps)
                : new DpmSdeScheduler(settings, steps, noise);
    }

    /** The timesteps of a generation, which both schedulers take. */
    double[] timesteps(int steps) {
        return new DdimScheduler(settings, steps).timesteps();
    }
}
