package dev.reelrank.testbed;

/**
 * Where a subject is in one frame, as the camera sees it.
 *
 * @param x centre, pixels from the left
 * @param y centre, pixels from the top
 * @param radius pixels
 * @param angle radians, clockwise on the screen
 */
public record SubjectPose(float x, float y, float radius, float angle) {}
