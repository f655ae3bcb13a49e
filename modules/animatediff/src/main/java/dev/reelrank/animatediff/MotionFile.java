package dev.reelrank.animatediff;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import java.util.Collections;

/** AnimateDiff's original file of motion modules, which brings no configuration. */
final class MotionFile {
    /** Of every published file. */
    private static final long HEADS = 8;

    private static final long GROUPS = 32;
    private static final String POSITIONS = ".pe";

    private MotionFile() {}

    /**
     * Sizes of the motion modules, as far as tensors tell them.
     *
     * @param resolutions of the UNet
     * @throws StageException MODEL_MISMATCH for a file of something else
     */
    static UnetConfig.Motion sizes(Checkpoint file, int resolutions) {
        String positions =
                file.names().stream()
                        .filter(name -> name.endsWith(POSITIONS))
                        .findFirst()
                        .orElseThrow(() -> noModules(file));
        long[] shape = file.info(positions).shape();
        if (shape.length != 3) {
            throw noModules(file);
        }
        return new UnetConfig.Motion(
                Collections.nCopies(resolutions, HEADS),
                (int) shape[1],
                GROUPS,
                file.names().stream().anyMatch(name -> name.startsWith("mid_block.")));
    }

    private static StageException noModules(Checkpoint file) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s has no positions of frames (*.pos_encoder.pe): it holds no motion modules of AnimateDiff; put mm_sd_v15_v2 or another of them there, converted to safetensors"
                        .formatted(file.location()));
    }
}
