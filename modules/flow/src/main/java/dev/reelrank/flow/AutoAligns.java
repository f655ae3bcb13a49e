package dev.reelrank.flow;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All trainings that flow starts by itself, each of an adapter of its own.
 *
 * @param each of them, with different names
 */
public record AutoAligns(List<AutoAlign> each) {
    /** Flow trains nothing by itself. */
    public static final AutoAligns NONE = new AutoAligns(List.of());

    public AutoAligns {
        each = List.copyOf(each);
        var names = new ArrayList<String>();
        for (var auto : each) {
            if (names.contains(auto.name())) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "align.auto names %s twice; give each training a name of its own"
                                .formatted(auto.name()));
            }
            names.add(auto.name());
        }
    }

    /** Those that draw pairs from a source. */
    public List<AutoAlign> from(String source) {
        return each.stream().filter(auto -> auto.from(source)).toList();
    }

    /** The training of an adapter. */
    public Optional<AutoAlign> of(String name) {
        return each.stream().filter(auto -> auto.name().equals(name)).findFirst();
    }

    /** The same with a training, in place of the one of its name. */
    public AutoAligns with(AutoAlign auto) {
        var all = new ArrayList<>(without(auto.name()).each());
        all.add(auto);
        return new AutoAligns(all);
    }

    /** The same without the training of a name. */
    public AutoAligns without(String name) {
        return new AutoAligns(each.stream().filter(auto -> !auto.name().equals(name)).toList());
    }
}
