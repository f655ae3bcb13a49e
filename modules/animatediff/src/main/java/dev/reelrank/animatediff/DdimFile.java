package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.schedule.DdimSettings;
import dev.reelrank.diffusion.schedule.DdimSettings.Spacing;
import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.diffusion.schedule.SignalSquares;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code scheduler/scheduler_config.json} says of the noise, for DDIM: a folder may name
 * another solver, whose schedule of the training is the same.
 */
final class DdimFile {
    private static final double FIRST_BETA = 0.00085;
    private static final double LAST_BETA = 0.012;
    private static final int TIMESTEPS = 1000;
    private static final String LINEAR = "linear";
    private static final String SCALED = "scaled_linear";

    private DdimFile() {}

    /**
     * Reads a folder's scheduler; one without has AnimateDiff's.
     *
     * @param adapted whether the folder is of Stable Diffusion: the motion modules beside it were
     *     trained with linear betas and without cut, whatever the folder says
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming what is not supported
     */
    static DdimSettings read(Path folder, boolean adapted) {
        Path path = folder.resolve("scheduler").resolve("scheduler_config.json");
        if (!Files.isRegularFile(path)) {
            return new DdimSettings(
                    schedule(LINEAR, FIRST_BETA, LAST_BETA, TIMESTEPS, false),
                    PredictionType.EPSILON,
                    Spacing.LEADING,
                    1,
                    false,
                    Double.POSITIVE_INFINITY);
        }
        var file = ConfigFile.read(path);
        var other = file.setOf("thresholding", "trained_betas");
        if (!other.isEmpty()) {
            throw file.unsupported(other.get(0) + " in its scheduler, which DDIM here does not do");
        }
        boolean ddim = "DDIMScheduler".equals(file.text("_class_name"));
        String betas = adapted ? LINEAR : file.text("beta_schedule");
        if (betas == null || !List.of(LINEAR, SCALED).contains(betas)) {
            throw file.wrong("beta_schedule", LINEAR + " or " + SCALED);
        }
        double first = file.number("beta_start", FIRST_BETA);
        double last = file.number("beta_end", LAST_BETA);
        if (!(first > 0 && last >= first && last < 1)) {
            throw file.wrong("beta_end", "below 1 and at least beta_start, which is above 0");
        }
        boolean clips = !adapted && file.flag("clip_sample", ddim);
        return new DdimSettings(
                schedule(
                        betas,
                        first,
                        last,
                        (int) file.integer("num_train_timesteps", TIMESTEPS),
                        file.flag("rescale_betas_zero_snr", false)),
                prediction(file),
                spacing(file),
                (int) file.number("steps_offset", 0),
                file.flag("set_alpha_to_one", ddim),
                clips ? file.number("clip_sample_range", 1) : Double.POSITIVE_INFINITY);
    }

    private static NoiseSchedule schedule(
            String betas, double first, double last, int timesteps, boolean endsInNoise) {
        double[] squares =
                betas.equals(LINEAR)
                        ? SignalSquares.linear(first, last, timesteps)
                        : SignalSquares.scaledLinear(first, last, timesteps);
        return NoiseSchedule.variancePreserving(
                endsInNoise ? SignalSquares.endingInNoise(squares) : squares);
    }

    private static PredictionType prediction(ConfigFile file) {
        String said = file.text("prediction_type");
        if (said == null || said.equals("epsilon")) {
            return PredictionType.EPSILON;
        }
        if (said.equals("v_prediction")) {
            return PredictionType.V;
        }
        throw file.wrong("prediction_type", "epsilon or v_prediction");
    }

    private static Spacing spacing(ConfigFile file) {
        String said = file.text("timestep_spacing");
        for (var spacing : Spacing.values()) {
            if (said == null || spacing.id().equals(said)) {
                return said == null ? Spacing.LEADING : spacing;
            }
        }
        throw file.wrong("timestep_spacing", "leading, linspace or trailing");
    }
}
