package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.schedule.RcmScheduler;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The schedulers that Wan's models are used with, and what a folder says of its own.
 *
 * @param name of the folder's scheduler
 * @param shift of its noise levels
 * @param order of its UniPC
 */
record WanSchedulers(String name, double shift, int order) {
    static final String EULER = "euler";
    static final String UNIPC = "unipc";
    static final List<String> NAMES = List.of(EULER, UNIPC);
    static final String RCM = "rcm";
    static final String RCM_ODE = "rcm-ode";

    /** Those of weights that were distilled as rCM distils. */
    static final List<String> DISTILLED_NAMES = List.of(RCM, RCM_ODE, EULER, UNIPC);

    /** As converted from the published weights. */
    static final WanSchedulers PUBLISHED =
            new WanSchedulers(UNIPC, 3, UniPcScheduler.PUBLISHED_ORDER);

    /** As converted from the weights of TI2V-5B. */
    static final WanSchedulers TI2V = new WanSchedulers(UNIPC, 5, UniPcScheduler.PUBLISHED_ORDER);

    /** What UniPC's configuration must say, where it says anything. */
    private static final Map<String, String> UNIPC_TEXTS =
            Map.of(
                    "prediction_type", "flow_prediction",
                    "solver_type", "bh2",
                    "final_sigmas_type", "zero");

    /** Keys whose null is no default to the original: it raises, or computes something else. */
    private static final Set<String> NEEDED =
            Set.of(
                    "prediction_type",
                    "solver_type",
                    "final_sigmas_type",
                    "num_train_timesteps",
                    "use_flow_sigmas",
                    "predict_x0",
                    "lower_order_final",
                    "solver_order",
                    "flow_shift",
                    "shift");

    private static final List<String> NOT_SUPPORTED =
            List.of(
                    "thresholding",
                    "use_karras_sigmas",
                    "use_exponential_sigmas",
                    "use_beta_sigmas",
                    "use_dynamic_shifting",
                    "stochastic_sampling",
                    "invert_sigmas",
                    "disable_corrector",
                    "solver_p",
                    "trained_betas",
                    "shift_terminal");

    /**
     * Refuses what only distilled weights can do, and says which ones: a preset names the scheduler
     * and not the folder.
     *
     * @throws StageException INVALID_CONFIG
     */
    static void requireNotDistilled(@Nullable String scheduler, Path folder) {
        if (RCM.equals(scheduler) || RCM_ODE.equals(scheduler)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "candidate.scheduler is '%s', which samples weights that were distilled for few steps, and those of %s were not: name a folder with TurboWan's weights by candidate.model, or use %s"
                            .formatted(scheduler, folder, String.join(" or ", NAMES)));
        }
    }

    /**
     * Reads {@code scheduler/scheduler_config.json}.
     *
     * @param published for a folder without one
     * @throws StageException MODEL_MISMATCH naming what is not supported
     */
    static WanSchedulers read(Path folder, WanSchedulers published) {
        Path path = folder.resolve("scheduler").resolve("scheduler_config.json");
        if (!Files.isRegularFile(path)) {
            return published;
        }
        var file = ConfigFile.read(path);
        String kind = file.text("_class_name");
        for (String key : file.nulls()) {
            if (NEEDED.contains(key)) {
                throw file.wrong(key, "set or left out");
            }
        }
        for (String key : NOT_SUPPORTED) {
            var set = file.setOf(key);
            if (!set.isEmpty()) {
                throw file.unsupported(
                        "a scheduler with %s; the schedulers here are %s without it"
                                .formatted(set.get(0), NAMES));
            }
        }
        if (file.integer("num_train_timesteps", 1000) != 1000) {
            throw file.wrong("num_train_timesteps", "1000");
        }
        if ("UniPCMultistepScheduler".equals(kind)) {
            return unipc(file);
        }
        if ("FlowMatchEulerDiscreteScheduler".equals(kind)) {
            return new WanSchedulers(EULER, shift(file, "shift"), PUBLISHED.order);
        }
        throw file.wrong(
                "_class_name", "UniPCMultistepScheduler or FlowMatchEulerDiscreteScheduler");
    }

    private static WanSchedulers unipc(ConfigFile file) {
        UNIPC_TEXTS.forEach(
                (key, value) -> {
                    String said = file.text(key);
                    if (said != null && !said.equals(value)) {
                        throw file.wrong(key, value);
                    }
                });
        for (String key : List.of("use_flow_sigmas", "predict_x0", "lower_order_final")) {
            if (!file.flag(key, true)) {
                throw file.wrong(key, "true");
            }
        }
        long order = file.integer("solver_order", PUBLISHED.order);
        if (order > 3) {
            throw file.wrong("solver_order", "1, 2 or 3");
        }
        return new WanSchedulers(UNIPC, shift(file, "flow_shift"), (int) order);
    }

    private static double shift(ConfigFile file, String key) {
        double shift = file.number(key, 1);
        if (!WanParameters.SHIFTS.allows(shift)) {
            throw file.wrong(
                    key,
                    "from %s to %s"
                            .formatted(WanParameters.SHIFTS.min(), WanParameters.SHIFTS.max()));
        }
        return shift;
    }

    /** A new scheduler for one generation. */
    Scheduler of(GenerationSettings settings) {
        if (settings.scheduler().startsWith(RCM)) {
            return new RcmScheduler(
                    settings.steps(),
                    settings.parameter(WanSnapshot.SIGMA_MAX),
                    settings.scheduler().equals(RCM));
        }
        double s = settings.parameter(WanSnapshot.SHIFT);
        return settings.scheduler().equals(EULER)
                ? new EulerScheduler(settings.steps(), s)
                : new UniPcScheduler(settings.steps(), s, order);
    }
}
