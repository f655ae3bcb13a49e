package dev.reelrank.wan;

import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.torch.TensorSource;

/**
 * A folder's tokenizer with weights from elsewhere.
 *
 * @param folder that has the tokenizer
 */
record GivenParts(PartWeights weights, WanParts folder) implements WanParts {
    @Override
    public TensorSource open(String part) {
        return weights.open(part);
    }

    @Override
    public long parameters(String part) {
        return weights.parameters(part);
    }

    @Override
    public TextTokenizer tokenizer() {
        return folder.tokenizer();
    }
}
