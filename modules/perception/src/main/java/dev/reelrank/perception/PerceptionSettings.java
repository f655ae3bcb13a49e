package dev.reelrank.perception;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import dev.reelrank.pipeline.Device;
import java.util.Objects;

/**
 * Where the perception models compute.
 *
 * @param device CPU or a GPU; on a GPU the float16 graphs are used where the folder has them
 * @param threads CPU threads of one model, at least 1; on a GPU only what stays on the CPU uses
 *     them
 */
public record PerceptionSettings(Device device, int threads) {
    public PerceptionSettings {
        Objects.requireNonNull(device, "device is null");
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        }
    }

    /** Whether this build of ONNX Runtime computes on GPUs, be there one or not. */
    public static boolean gpuBuild() {
        return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    }

    public static PerceptionSettings cpu(int threads) {
        return new PerceptionSettings(Device.CPU, threads);
    }
}
