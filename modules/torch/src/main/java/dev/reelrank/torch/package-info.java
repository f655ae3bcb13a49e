/**
 * libtorch for the JVM: devices and dtypes, scopes, safetensors, layers and precision.
 *
 * <p>May be used by every module that contains a model; depends only on {@code pipeline} and on no
 * model. Model code works on libtorch's {@code Tensor} through the layers and {@link
 * dev.reelrank.torch.Ops}; a model gives its own callers images, numbers and files, never tensors.
 *
 * <p>A minimal model:
 *
 * <pre>{@code
 * final class Mlp implements AutoCloseable {
 *     private final Parameters parameters = new Parameters();   // owns every weight
 *     private final Linear up, down;
 *
 *     Mlp(Path folder, TorchDevice device) {
 *         try (var files = Checkpoint.open(folder)) {            // one file or shards, mapped
 *             var weights = new Weights(files, device, DType.FLOAT32, parameters);
 *             up = Linear.load(weights.child("up"), 64, 256, true);
 *             down = Linear.load(weights.child("down"), 256, 64, true);
 *             weights.requireAllUsed();                          // unexpected tensors are an error
 *         }
 *     }
 *
 *     float[] apply(float[] rows) {
 *         try (var scope = TensorScope.open()) {                 // frees every temporary
 *             Tensor x = Ops.tensor(rows, -1, 64).to(...);
 *             return Ops.floats(down.apply(Ops.gelu(up.apply(x))));
 *         }
 *     }
 *
 *     public void close() { parameters.close(); }
 * }
 * }</pre>
 *
 * <p>Rules: a tensor that is made while a {@link dev.reelrank.torch.TensorScope} is open is freed
 * with the scope, unless {@link dev.reelrank.torch.TensorScope#compute} hands it to the enclosing
 * scope or {@link dev.reelrank.torch.Parameters#own} keeps it. A scope belongs to one thread. CPU
 * threads are set up on first use ({@link dev.reelrank.torch.TorchRuntime}).
 */
@NullMarked
package dev.reelrank.torch;

import org.jspecify.annotations.NullMarked;
