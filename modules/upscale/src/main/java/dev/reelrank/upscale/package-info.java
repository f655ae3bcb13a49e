/**
 * Larger pictures and videos with Real-ESRGAN (RRDBNet), from the published files: PyTorch's
 * checkpoints, safetensors and ncnn. It knows no Kafka; the command line uses it.
 */
@NullMarked
package dev.reelrank.upscale;

import org.jspecify.annotations.NullMarked;
