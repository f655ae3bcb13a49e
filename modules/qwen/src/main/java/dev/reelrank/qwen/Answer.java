package dev.reelrank.qwen;

/**
 * How likely the model's next word is one of two.
 *
 * @param yes probability of a word for yes, 0..1
 * @param no probability of a word for no, 0..1
 */
public record Answer(double yes, double no) {
    /** Yes against no: {@code yes / (yes + no)}; 0.5 where the model considers neither. */
    public double probability() {
        return yes + no > 0 ? yes / (yes + no) : 0.5;
    }

    /** How much the model means to answer with one of the two at all, 0..1. */
    public double decided() {
        return yes + no;
    }
}
