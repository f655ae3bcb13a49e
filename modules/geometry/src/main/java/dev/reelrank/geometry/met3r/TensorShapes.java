package dev.reelrank.geometry.met3r;

import dev.reelrank.torch.Checkpoint;

/** The shapes of a model's tensors, which say how large the model is. */
interface TensorShapes {
    /** Whether there is such a tensor. */
    boolean has(String name);

    /** Of a tensor that is there. */
    long[] shape(String name);

    /** Names the file in messages. */
    String location();

    /** Those of a file. */
    static TensorShapes of(Checkpoint files) {
        return new TensorShapes() {
            @Override
            public boolean has(String name) {
                return files.has(name);
            }

            @Override
            public long[] shape(String name) {
                return files.info(name).shape();
            }

            @Override
            public String location() {
                return files.location();
            }
        };
    }
}
