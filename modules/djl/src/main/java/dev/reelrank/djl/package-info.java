/**
 * How DJL (Amazon's engine-neutral Java API, here for ONNX Runtime and the Hugging Face tokenizers)
 * is set up in every process. Depends on DJL alone; the modules of models depend on it.
 */
@NullMarked
package dev.reelrank.djl;

import org.jspecify.annotations.NullMarked;
