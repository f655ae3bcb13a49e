package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import java.util.List;

/** The schedulers that Wan's models are used with. */
final class WanSchedulers {
    static final String EULER = "euler";
    static final String UNIPC = "unipc";
    static final List<String> NAMES = List.of(EULER, UNIPC);

    private WanSchedulers() {}

    static Scheduler of(GenerationSettings settings) {
        double shift = settings.parameter(WanSnapshot.SHIFT);
        return settings.scheduler().equals(EULER)
                ? new EulerScheduler(settings.steps(), shift)
                : new UniPcScheduler(settings.steps(), shift);
    }
}
