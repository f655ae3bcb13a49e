package dev.reelrank.grading.prompt;

/**
 * A noun phrase of a sentence.
 *
 * @param at index of its first word, the article left out
 * @param end index behind its noun
 * @param object index of the thing it names; −1 for what is no thing of the picture
 * @param governed a preposition stands before it
 * @param denied the sentence says that it is not there
 */
record Phrase(int at, int end, int object, boolean governed, boolean denied) {}
