package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.RotaryGrid;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.HashMap;
import java.util.Map;

/**
 * The rotary positions of the tokens, made once for each size and number of frames, as {@link
 * PositionWaves} are: to copy them to a GPU, the host waits for all that the GPU has to do.
 */
final class TokenPositions {
    private record Size(int rows, int columns, long frames) {}

    /**
     * Of one video.
     *
     * @param within of the tokens of one frame
     * @param across of the tokens of all frames
     */
    record Both(RotaryGrid within, RotaryGrid across) {}

    private final Parameters parameters;
    private final TorchDevice device;
    private final int special;
    private final int head;
    private final Map<Size, Both> made = new HashMap<>();

    /**
     * @param special tokens of a frame that are no patches
     * @param head values of an attention head
     */
    TokenPositions(Parameters parameters, TorchDevice device, int special, int head) {
        this.parameters = parameters;
        this.device = device;
        this.special = special;
        this.head = head;
    }

    /** Of frames of {@code rows} by {@code columns} patches; belongs to the model. */
    Both of(int rows, int columns, long frames) {
        return made.computeIfAbsent(new Size(rows, columns, frames), this::make);
    }

    private Both make(Size size) {
        try (var scope = TensorScope.open()) {
            var within = RotaryGrid.of(size.rows(), size.columns(), special, head, device);
            return new Both(
                    within.ownedBy(parameters), within.repeated(size.frames()).ownedBy(parameters));
        }
    }
}
