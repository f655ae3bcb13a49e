package dev.reelrank.grading.prompt;

/**
 * What one thing of the prompt does.
 *
 * @param actor index of the thing
 * @param sentence such as {@code the red ring slides slowly to the left}, lower case
 * @param rest the prompt says that it stays where and as it is: a verb of rest, or a movement that
 *     is denied
 */
public record Deed(int actor, String sentence, boolean rest) {}
