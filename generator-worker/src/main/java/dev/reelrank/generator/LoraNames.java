package dev.reelrank.generator;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.regex.Pattern;

/**
 * What a submission may call a LoRA: a name below the folder of the models. A path would tell
 * whoever submits what there is on a worker's disk; it is for commands of this machine alone.
 */
final class LoraNames {
    private static final String PART = "[A-Za-z0-9][A-Za-z0-9._@-]*";
    private static final Pattern NAME = Pattern.compile(PART + "(?:/" + PART + ")*+");

    private LoraNames() {}

    /**
     * @throws StageException INVALID_SAMPLE for a name that is none
     */
    static void require(CandidateConfig config) {
        if (config.loras() == null) {
            return;
        }
        for (var lora : config.loras()) {
            if (lora.ofFarm()) {
                continue;
            }
            if (!NAME.matcher(lora.name()).matches() || lora.name().contains("..")) {
                throw new StageException(
                        FailureCode.INVALID_SAMPLE,
                        "candidate.loras: '%s' is no name; a farm takes names of LoRAs in its folder of models, such as 'lightning', and no paths"
                                .formatted(lora.name()));
            }
        }
    }
}
