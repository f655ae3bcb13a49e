package dev.reelrank.torch;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Objects;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/** A device that libtorch really has: tensors are made on it and moved to it. */
public final class TorchDevice {
    /** A cache of less than this share of a GPU's memory is not worth the wait. */
    private static final int LITTLE_CACHE = 16;

    /** Whether a thread has entered the context of some GPU. */
    private static final ThreadLocal<Boolean> ENTERED = ThreadLocal.withInitial(() -> false);

    private final Device device;
    private final long mostMemory;

    private TorchDevice(Device device, long mostMemory) {
        this.device = device;
        this.mostMemory = mostMemory;
    }

    /**
     * The device, checked.
     *
     * @throws StageException INVALID_CONFIG when this libtorch has no CUDA or the GPU is not there
     */
    public static TorchDevice of(Device device) {
        Objects.requireNonNull(device, "device is null");
        TorchRuntime.start();
        if (device.isCuda()) {
            if (!torch.cuda_is_available()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "device "
                                + device
                                + " asked for, but this libtorch sees no GPU: use the CUDA build"
                                + " (Maven profile cuda) with CUDA 13 and its driver, or --device"
                                + " cpu");
            }
            int gpus = torch_cuda.device_count();
            if (device.index() >= gpus) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "device " + device + " asked for, but this host has " + gpus + " GPUs");
            }
        }
        return new TorchDevice(device, Long.MAX_VALUE);
    }

    /** The CPU. */
    public static TorchDevice cpu() {
        return of(Device.CPU);
    }

    public Device device() {
        return device;
    }

    public boolean isCuda() {
        return device.isCuda();
    }

    /** libtorch's own device, valid until the enclosing scope closes. */
    public org.bytedeco.pytorch.Device nativeDevice() {
        return new org.bytedeco.pytorch.Device(device.toString());
    }

    /** Options for factory functions such as {@code torch.randn}. */
    public TensorOptions options(DType dtype) {
        return new TensorOptions()
                .dtype(new ScalarTypeOptional(dtype.scalarType()))
                .device(new DeviceOptional(nativeDevice()));
    }

    /** The tensor here and of this type; the same storage if it already is. */
    public Tensor place(Tensor tensor, DType dtype) {
        return tensor.to(nativeDevice(), dtype.scalarType());
    }

    /**
     * Makes this device the thread's current one. Every thread begins at GPU 0, and without a
     * context of any: libraries and kernels that are called without libtorch need both.
     */
    public void makeCurrent() {
        if (isCuda()) {
            // Forced once: libtorch would leave GPU 0 as it is, which a new thread has not entered.
            boolean forced = !ENTERED.get();
            torch_cuda.set_device((byte) device.index(), forced);
            if (forced) {
                ENTERED.set(true);
            }
        }
    }

    /** Waits until all queued work is done; nothing to do on the CPU. */
    public void synchronize() {
        if (isCuda()) {
            makeCurrent();
            torch_cuda.device_synchronize();
        }
    }

    /**
     * Memory of the GPU in bytes, or what {@link #capped} left of it; on the CPU the most that
     * Java's heap may take.
     */
    public long totalMemory() {
        return isCuda()
                ? Math.min(mostMemory, properties().totalGlobalMem())
                : Runtime.getRuntime().maxMemory();
    }

    private cudaDeviceProp properties() {
        return torch_cuda.getDeviceProperties((byte) device.index());
    }

    /**
     * The same GPU as if it had no more memory than so much: from now on this process gets no more
     * for tensors there; the driver and the libraries take theirs beside it. For measurements.
     *
     * @param bytes above 0
     * @throws StageException INVALID_CONFIG on the CPU
     */
    public TorchDevice capped(long bytes) {
        if (!isCuda()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "only a GPU's memory can be capped, not " + this);
        }
        MemoryReport.touch(this);
        double share = Math.min(1, (double) bytes / properties().totalGlobalMem());
        torch_cuda.getAllocator().setMemoryFraction(share, (byte) device.index());
        return new TorchDevice(device, bytes);
    }

    /**
     * Gives cached, unused device memory back to the driver if it is much: what one part of a model
     * caches does not fit the next. Little is kept, because giving it back waits for the whole GPU.
     */
    public void emptyLargeCache() {
        if (isCuda()) {
            var memory = MemoryReport.of(this);
            if (memory.reserved() - memory.allocated() > totalMemory() / LITTLE_CACHE) {
                emptyCache();
            }
        }
    }

    /** Gives cached, unused device memory back to the driver. */
    public void emptyCache() {
        if (isCuda()) {
            torch_cuda.getAllocator().emptyCache();
        }
    }

    /**
     * Lets rowwise float8 matrix products go on; the CPU emulates them.
     *
     * @throws StageException INVALID_CONFIG on a GPU that has none
     */
    public void requireFloat8Matmul() {
        if (isCuda()) {
            capability().requireFloat8Products(device);
        }
    }

    /**
     * Lets attention in float8 go on; the CPU emulates it.
     *
     * @throws StageException INVALID_CONFIG on a GPU that has none
     */
    public void requireFloat8Attention() {
        if (isCuda()) {
            capability().requireFloat8Attention(device);
        }
    }

    /** What the GPU can run; not on the CPU. */
    Capability capability() {
        var properties = properties();
        return new Capability(properties.major(), properties.minor());
    }

    /** Whether our CUDA kernels compile for this GPU: from compute capability 8.0. */
    public boolean hasOwnKernels() {
        return isCuda() && capability().ownKernels();
    }

    /** Whether this is a GPU of compute capability 9.0, whose instructions no other one has. */
    public boolean isHopper() {
        return isCuda() && capability().hopper();
    }

    /** Whether attention in float8 runs here: GPUs of compute capability 9.0 and above. */
    public boolean hasFloat8Attention() {
        return isCuda() && capability().float8Attention();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TorchDevice that && device.equals(that.device);
    }

    @Override
    public int hashCode() {
        return device.hashCode();
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
