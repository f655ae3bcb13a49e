package dev.reelrank.torch;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudnn.cudnnBackendDescriptor_t;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The descriptors of a cuDNN graph, which live as long as this, and how their attributes are set.
 */
final class CudnnDescriptors implements AutoCloseable {
    private final List<cudnnBackendDescriptor_t> all = new ArrayList<>();

    /** A descriptor of this type, to be filled and finished. */
    cudnnBackendDescriptor_t create(int type) {
        var descriptor = new cudnnBackendDescriptor_t();
        check(cudnnBackendCreateDescriptor(type, descriptor), "make a descriptor");
        all.add(TensorScope.outlive(descriptor));
        return descriptor;
    }

    /** Checks a descriptor that has all its attributes. */
    static void finish(cudnnBackendDescriptor_t descriptor, String what) {
        check(cudnnBackendFinalize(descriptor), what);
    }

    static void set(cudnnBackendDescriptor_t to, int name, int type, int value) {
        try (var one = new IntPointer(new int[] {value})) {
            check(cudnnBackendSetAttribute(to, name, type, 1, one), "set attribute " + name);
        }
    }

    static void set(cudnnBackendDescriptor_t to, int name, long[] values) {
        try (var all = new LongPointer(values)) {
            check(
                    cudnnBackendSetAttribute(to, name, CUDNN_TYPE_INT64, values.length, all),
                    "set attribute " + name);
        }
    }

    static void set(cudnnBackendDescriptor_t to, int name, boolean value) {
        try (var one = new BytePointer(new byte[] {(byte) (value ? 1 : 0)})) {
            check(
                    cudnnBackendSetAttribute(to, name, CUDNN_TYPE_BOOLEAN, 1, one),
                    "set attribute " + name);
        }
    }

    static void set(cudnnBackendDescriptor_t to, int name, cudnnBackendDescriptor_t value) {
        setPointers(to, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, value);
    }

    static void setPointers(cudnnBackendDescriptor_t to, int name, int type, Pointer... values) {
        try (var all = new PointerPointer<>(values)) {
            check(
                    cudnnBackendSetAttribute(to, name, type, values.length, all),
                    "set attribute " + name);
        }
    }

    /**
     * @throws StageException INVALID_CONFIG with what cuDNN says when the status is not success
     */
    static void check(int status, String what) {
        if (status != CUDNN_STATUS_SUCCESS) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "cuDNN cannot " + what + ": " + why(status));
        }
    }

    static String why(int status) {
        try (var text = new BytePointer(512)) {
            cudnnGetLastErrorString(text, 512);
            return "status " + status + ", " + text.getString().split("\0", 2)[0];
        }
    }

    @Override
    public void close() {
        for (int i = all.size() - 1; i >= 0; i--) {
            cudnnBackendDestroyDescriptor(all.get(i));
            all.get(i).releaseReference();
        }
        all.clear();
    }
}
