package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * CUDA kernels compiled in this process for the GPU at hand and launched on libtorch's stream:
 * several element-wise operations in one pass over memory, which libtorch would do in one pass
 * each.
 *
 * <p>What a kernel works on are tensors that stay alive until the work queued after it is done; as
 * libtorch frees memory in the order of the stream, leaving their scope is early enough.
 */
public final class CudaKernels implements AutoCloseable {
    /** Shared memory that every GPU gives a block without being asked. */
    private static final int UNASKED_SHARED_BYTES = 48 << 10;

    /** What all sources begin with. */
    private static final String MACHINE = "machine.cu";

    private final TorchDevice device;
    private final int processors;
    private final CUmod_st module;

    /** Two threads may launch at a time: one conditions while the other makes steps. */
    private final Map<String, CUfunc_st> functions = new ConcurrentHashMap<>();

    private boolean closed;

    private CudaKernels(TorchDevice device, int processors, CUmod_st module) {
        this.device = device;
        this.processors = processors;
        this.module = module;
    }

    private static CudaKernels compile(
            TorchDevice device, String name, String source, Map<String, Long> definitions) {
        device.makeCurrent();
        try (var scope = TensorScope.open()) {
            // Makes the GPU's context current in this thread.
            Ops.zeros(device, DType.FLOAT32, 1);
            var properties = torch_cuda.getDeviceProperties((byte) device.device().index());
            var options = new ArrayList<String>();
            options.add("--gpu-architecture=" + device.capability().architecture());
            options.add("-std=c++17");
            definitions.forEach((macro, value) -> options.add("-D" + macro + "=" + value));
            var module = new CUmod_st();
            byte[] binary = cache().get(key(source, options), () -> binary(name, source, options));
            check(
                    cudart.cuModuleLoadData(module, new BytePointer(binary)),
                    "load the kernels " + name);
            return new CudaKernels(
                    device, properties.multiProcessorCount(), TensorScope.outlive(module));
        }
    }

    /** Beside libtorch's libraries, which are unpacked once for all processes of a user. */
    private static KernelCache cache() {
        try {
            return new KernelCache(Loader.getCacheDir().toPath().resolve("reelrank-kernels"));
        } catch (IOException e) {
            return KernelCache.none();
        }
    }

    /** The options name the GPU's architecture; a cubin of it runs with every driver. */
    private static String key(String source, List<String> options) {
        int[] major = new int[1];
        int[] minor = new int[1];
        checkCompiler(nvrtc.nvrtcVersion(major, minor), "tell its version");
        var sorted = new ArrayList<>(options);
        Collections.sort(sorted);
        return "NVRTC %d.%d\n%s\n%s"
                .formatted(major[0], minor[0], String.join("\n", sorted), source);
    }

    /**
     * Compiles a source file that lies beside a class: CUDA C++ without headers, its kernels {@code
     * extern "C"}. {@code machine.cu}, which lies beside this class, comes before it.
     *
     * @param owner the class
     * @param name of the file
     * @param definitions macros by name
     * @throws StageException INVALID_CONFIG with the compiler's log when it does not compile here
     */
    public static CudaKernels compile(
            TorchDevice device, Class<?> owner, String name, Map<String, Long> definitions) {
        return compile(device, name, source(owner, name), definitions);
    }

    /** What the compiler gets for a source file; its messages count the lines of each file. */
    static String source(Class<?> owner, String name) {
        return "#line 1 \"%s\"\n%s\n#line 1 \"%s\"\n%s"
                .formatted(MACHINE, text(CudaKernels.class, MACHINE), name, text(owner, name));
    }

    private static String text(Class<?> owner, String name) {
        try (var stream = owner.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("no " + name + " beside " + owner.getName());
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    private static byte[] binary(String name, String source, List<String> options) {
        var program = new _nvrtcProgram();
        var none = (PointerPointer<?>) null;
        checkCompiler(
                nvrtc.nvrtcCreateProgram(
                        program, new BytePointer(source), new BytePointer(name), 0, none, none),
                "take the kernels " + name);
        var flags = new PointerPointer<BytePointer>(options.size());
        for (int i = 0; i < options.size(); i++) {
            flags.put(i, new BytePointer(options.get(i)));
        }
        int result = nvrtc.nvrtcCompileProgram(program, options.size(), flags);
        if (result != 0) {
            var size = new SizeTPointer(1);
            nvrtc.nvrtcGetProgramLogSize(program, size);
            var log = new BytePointer(size.get());
            nvrtc.nvrtcGetProgramLog(program, log);
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the kernels %s do not compile with %s: %s"
                            .formatted(name, options, log.getString()));
        }
        var size = new SizeTPointer(1);
        checkCompiler(nvrtc.nvrtcGetCUBINSize(program, size), "measure the kernels " + name);
        var binary = new BytePointer(size.get());
        checkCompiler(nvrtc.nvrtcGetCUBIN(program, binary), "get the kernels " + name);
        checkCompiler(nvrtc.nvrtcDestroyProgram(program), "free the compiler of " + name);
        byte[] bytes = new byte[(int) binary.capacity()];
        binary.get(bytes);
        return bytes;
    }

    /**
     * How many blocks of a grid are to share work.
     *
     * @param wanted the most that have something to do
     * @param perProcessor the most per multiprocessor of this GPU
     */
    public int blocks(long wanted, int perProcessor) {
        return (int) Math.min(wanted, (long) processors * perProcessor);
    }

    /**
     * Queues a kernel.
     *
     * @param blocksX blocks of the grid across
     * @param blocksY blocks of the grid down
     * @param threads per block
     * @param arguments tensors (their data), null (a null pointer), Integer, Long, Float or {@link
     *     TensorMap}
     */
    public void launch(
            String function, int blocksX, int blocksY, int threads, @Nullable Object... arguments) {
        launchWithShared(function, blocksX, blocksY, threads, 0, arguments);
    }

    /**
     * Queues a kernel that takes shared memory of a size that it does not declare itself.
     *
     * @param sharedBytes per block, at most what the GPU can give one
     * @param arguments as for {@link #launch}
     * @throws StageException INTERNAL_ERROR when the GPU cannot give so much
     */
    public void launchWithShared(
            String function,
            int blocksX,
            int blocksY,
            int threads,
            int sharedBytes,
            @Nullable Object... arguments) {
        // The driver launches in the context of the thread, whichever stream it is told.
        device.makeCurrent();
        try (var scope = TensorScope.open()) {
            var slots = new LongPointer(arguments.length);
            var addresses = new LongPointer(arguments.length);
            for (int i = 0; i < arguments.length; i++) {
                if (arguments[i] instanceof TensorMap map) {
                    addresses.put(i, map.address());
                } else {
                    put(slots, i, arguments[i]);
                    addresses.put(i, slots.address() + 8L * i);
                }
            }
            CUfunc_st kernel = function(function);
            if (sharedBytes > UNASKED_SHARED_BYTES) {
                check(
                        cudart.cuFuncSetAttribute(
                                kernel,
                                cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                sharedBytes),
                        "give %s %d bytes of shared memory".formatted(function, sharedBytes));
            }
            check(
                    cudart.cuLaunchKernel(
                            kernel,
                            blocksX,
                            blocksY,
                            1,
                            threads,
                            1,
                            1,
                            sharedBytes,
                            torch_cuda
                                    .getCurrentCUDAStream((byte) device.device().index())
                                    .stream(),
                            new PointerPointer<>(addresses),
                            new PointerPointer<>()),
                    "launch " + function);
        }
    }

    private static void put(LongPointer slots, int index, @Nullable Object argument) {
        if (argument == null) {
            slots.put(index, 0);
        } else if (argument instanceof Tensor tensor) {
            slots.put(index, tensor.data_ptr().address());
        } else if (argument instanceof Long number) {
            slots.put(index, number);
        } else if (argument instanceof Integer number) {
            new IntPointer(slots).put(2L * index, number);
        } else if (argument instanceof Float number) {
            new FloatPointer(slots).put(2L * index, number);
        } else {
            throw new IllegalArgumentException("no kernel takes a " + argument.getClass());
        }
    }

    private CUfunc_st function(String name) {
        return functions.computeIfAbsent(
                name,
                key -> {
                    var function = new CUfunc_st();
                    check(cudart.cuModuleGetFunction(function, module, key), "find " + key);
                    return TensorScope.outlive(function);
                });
    }

    private static void check(int result, String what) {
        if (result != 0) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "CUDA error " + result + " to " + what);
        }
    }

    private static void checkCompiler(int result, String what) {
        if (result != 0) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "NVRTC error " + result + " to " + what);
        }
    }

    /** Closing once more does nothing, as with {@link Parameters}. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        functions.values().forEach(CUfunc_st::releaseReference);
        functions.clear();
        device.makeCurrent();
        check(cudart.cuModuleUnload(module), "unload kernels");
        module.releaseReference();
    }
}
