/**
 * How DJL (Amazon's engine-neutral Java API, here for ONNX Runtime and the Hugging Face tokenizers)
 * is set up in every process. Depends only on DJL; the model modules depend on it.
 */
@NullMarked
package dev.reelrank.djl;

import org.jspecify.annotations.NullMarked;
