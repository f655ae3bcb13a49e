package dev.reelrank.cogvideox;

/** How many patches of latents there are along each axis. */
record Grid(int frames, int rows, int columns) {
    int tokens() {
        return frames * rows * columns;
    }
}
