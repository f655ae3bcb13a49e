/**
 * Perception models: DINOv3 tokens, SAM3 instances of a phrase, CLIP embeddings of pictures, texts
 * and patches.
 *
 * <p>The models are ONNX folders made by {@code modules/perception/export/export.py}; they run on
 * ONNX Runtime through DJL, on CPU cores or a GPU. Every size and constant comes from the folder's
 * manifest. Worker folders, bench and commands may depend on this package; it depends on {@code
 * pipeline} and {@code djl}, but not on Kafka or Avro. Native tensors never leave it.
 */
@NullMarked
package dev.reelrank.perception;

import org.jspecify.annotations.NullMarked;
