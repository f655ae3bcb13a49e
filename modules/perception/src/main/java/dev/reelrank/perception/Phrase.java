package dev.reelrank.perception;

/** A phrase as SAM3 read it; serves any number of pictures. */
public final class Phrase {
    private final String text;
    private final PhraseTokenizer.TokenIds tokens;
    private final float[] features;

    Phrase(String text, PhraseTokenizer.TokenIds tokens, float[] features) {
        this.text = text;
        this.tokens = tokens;
        this.features = features;
    }

    public String text() {
        return text;
    }

    PhraseTokenizer.TokenIds tokens() {
        return tokens;
    }

    /** Shape (tokens, width). */
    float[] features() {
        return features;
    }
}
