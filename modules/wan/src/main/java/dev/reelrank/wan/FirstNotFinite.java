package dev.reelrank.wan;

import dev.reelrank.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Remembers the first part that made a value that is no finite number. */
final class FirstNotFinite implements PartWatch {
    private @Nullable String part;

    @Override
    public void made(String part, Tensor made) {
        if (this.part == null && !Ops.isFinite(made)) {
            this.part = part;
        }
    }

    /** Null while every value was finite. */
    @Nullable String part() {
        return part;
    }
}
