package dev.reelrank.bench.judge;

import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Speed;
import java.util.Locale;

/** What a simulated user likes. */
public enum Taste {
    /** The video whose subject is larger: DINOv3's and CLIP's features may show it. */
    LARGER,
    /** The video in which the subject goes less far: the flow shows it. */
    SLOWER,
    /** The video whose subject begins further left: no feature of the linear model shows it. */
    LEFT;

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the first of two scenes is preferred. */
    boolean prefers(Scene a, Scene b) {
        return switch (this) {
            case LARGER -> a.first().radius() > b.first().radius();
            case SLOWER -> a.speed() == Speed.SLOW && b.speed() == Speed.FAST;
            case LEFT -> a.first().x() < b.first().x();
        };
    }
}
