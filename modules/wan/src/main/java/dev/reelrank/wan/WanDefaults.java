package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationDefaults;
import dev.reelrank.diffusion.schedule.RcmScheduler;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What {@code auto} means where a folder does not say it. */
final class WanDefaults {
    private static final int FRAMES = 81;
    private static final double FPS = 16;
    private static final int DISTILLED_STEPS = 8;
    private static final double DISTILLED_SHIFT = 5;

    /** In names of LoRAs that were distilled for few steps without guidance. */
    private static final List<String> DISTILLED_NAMES = List.of("lightning", "lightx2v", "distill");

    private WanDefaults() {}

    /**
     * As the published model cards say: Wan2.2-A14B 40 steps at 720p, from images with guidance
     * 3.5, from text with 4 and 3; Wan2.1 50 steps at 480p with guidance 5. Scheduler and shift are
     * the folder's own.
     */
    static GenerationDefaults published(
            WanSchedulers schedulers, boolean twoExperts, boolean fromImage, double boundary) {
        var parameters = new TreeMap<String, Double>();
        parameters.put(WanSnapshot.SHIFT, schedulers.shift());
        if (!twoExperts) {
            return new GenerationDefaults(
                    832, 480, FRAMES, FPS, 50, 5, schedulers.name(), parameters, List.of());
        }
        parameters.put(WanSnapshot.BOUNDARY, boundary);
        if (!fromImage) {
            parameters.put(WanSnapshot.GUIDANCE_LOW, 3.0);
        }
        return new GenerationDefaults(
                1280,
                720,
                FRAMES,
                FPS,
                40,
                fromImage ? 3.5 : 4,
                schedulers.name(),
                parameters,
                List.of());
    }

    /** Wan2.2-TI2V-5B: 121 frames of 1280x704 at 24 frames per second, 50 steps, guidance 5. */
    static GenerationDefaults ti2v(WanSchedulers schedulers) {
        return new GenerationDefaults(
                1280,
                704,
                121,
                24,
                50,
                5,
                schedulers.name(),
                Map.of(WanSnapshot.SHIFT, schedulers.shift()),
                List.of());
    }

    /**
     * Weights that were distilled with rCM: four stochastic steps without guidance, from the noise
     * level that TurboDiffusion's scripts begin at.
     */
    static GenerationDefaults turbo(GenerationDefaults d, boolean fromImage, boolean sparse) {
        var parameters = new TreeMap<>(d.parameters());
        parameters.remove(WanSnapshot.GUIDANCE_LOW);
        parameters.put(WanSnapshot.SIGMA_MAX, fromImage ? 200.0 : 80.0);
        if (sparse) {
            parameters.put(WanSnapshot.SPARSE_TOPK, Sparsity.PUBLISHED_TOPK);
        }
        return new GenerationDefaults(
                d.width(),
                d.height(),
                d.frames(),
                d.fps(),
                RcmScheduler.MOST_STEPS,
                1,
                WanSchedulers.RCM,
                parameters,
                d.loras());
    }

    /** 720p in 8 Euler steps at shift 5 without guidance. */
    static GenerationDefaults distilled(double boundary) {
        return distilled(published(WanSchedulers.PUBLISHED, true, true, boundary));
    }

    /** The same model with a LoRA that was distilled: 8 Euler steps at shift 5, no guidance. */
    static GenerationDefaults distilled(GenerationDefaults d) {
        var parameters = new TreeMap<>(d.parameters());
        parameters.put(WanSnapshot.SHIFT, DISTILLED_SHIFT);
        parameters.remove(WanSnapshot.GUIDANCE_LOW);
        return new GenerationDefaults(
                d.width(),
                d.height(),
                d.frames(),
                d.fps(),
                DISTILLED_STEPS,
                1,
                WanSchedulers.EULER,
                parameters,
                d.loras());
    }

    /** Whether a LoRA's name or path says that it was distilled for few steps. */
    static boolean isDistilled(String lora) {
        String name = Path.of(lora).getFileName().toString().toLowerCase(Locale.ROOT);
        return DISTILLED_NAMES.stream().anyMatch(name::contains);
    }
}
