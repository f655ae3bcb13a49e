package dev.reelrank.flow;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an event.
 *
 * @param state to keep from now on, null if there is still nothing to keep
 * @param effects to be written in this order, in one transaction with the state
 */
public record Decision<S>(@Nullable S state, List<Effect> effects) {
    public Decision {
        effects = List.copyOf(effects);
    }

    /** Nothing happens; people may want to know why. */
    public static <S> Decision<S> nothing(@Nullable S state, Effect.Note note) {
        return new Decision<>(state, List.of(note));
    }
}
