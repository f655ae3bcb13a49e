package dev.reelrank.alignment.train;

import dev.reelrank.alignment.pairs.PairCheck;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;

/** Looks into files of latents. */
public final class LatentsInspector {
    private static final String NAME = "latents";

    private LatentsInspector() {}

    /**
     * Shape and finiteness of a file's latents.
     *
     * @throws StageException MODEL_MISMATCH when the file is damaged or holds no latents
     */
    public static PairCheck.Content inspect(Path file) {
        try (var scope = TensorScope.inference();
                var stored = SafetensorsFile.open(file)) {
            if (!stored.names().contains(NAME)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, file + " holds no tensor '" + NAME + "'");
            }
            var latents = stored.tensor(NAME);
            return new PairCheck.Content(
                    Arrays.stream(latents.shape()).boxed().toList(),
                    latents.isfinite().all().item_bool());
        }
    }
}
