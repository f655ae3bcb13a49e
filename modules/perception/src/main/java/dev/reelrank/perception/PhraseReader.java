package dev.reelrank.perception;

import dev.reelrank.perception.PhraseTokenizer.TokenIds;
import org.jspecify.annotations.Nullable;

/**
 * Reads phrases with SAM3's text tower.
 *
 * <p>The published tower has 1.4 GB of weights for one phrase a sample. Where it computes on the
 * CPU it is opened for a phrase and closed behind it, so that its memory is there for the
 * activations of what looks at pictures; a small one, or one on a GPU, stays open.
 */
final class PhraseReader implements AutoCloseable {
    private final OnnxFolder folder;
    private final PerceptionSettings settings;
    private final PhraseTokenizer tokenizer;
    private final @Nullable OnnxGraph<TokenIds, float[]> kept;

    private PhraseReader(
            OnnxFolder folder,
            PerceptionSettings settings,
            PhraseTokenizer tokenizer,
            @Nullable OnnxGraph<TokenIds, float[]> kept) {
        this.folder = folder;
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.kept = kept;
    }

    static PhraseReader open(OnnxFolder folder, PerceptionSettings settings) {
        try (var opened = new Opened()) {
            var tokenizer = opened.add(PhraseTokenizer.open(folder));
            boolean passing = !settings.device().isCuda() && folder.isLarge("text");
            var kept = passing ? null : opened.add(tower(folder, settings));
            opened.keep();
            return new PhraseReader(folder, settings, tokenizer, kept);
        }
    }

    private static OnnxGraph<TokenIds, float[]> tower(
            OnnxFolder folder, PerceptionSettings settings) {
        return OnnxGraph.open(
                folder,
                "text",
                TokenIds.class,
                float[].class,
                new Sam3Translators.Text(),
                settings);
    }

    Phrase read(String phrase) {
        var tokens = tokenizer.encode(phrase);
        if (kept != null) {
            return new Phrase(phrase, tokens, kept.predict(tokens));
        }
        try (var tower = tower(folder, settings)) {
            return new Phrase(phrase, tokens, tower.predict(tokens));
        }
    }

    @Override
    public void close() {
        if (kept != null) {
            kept.close();
        }
        tokenizer.close();
    }
}
