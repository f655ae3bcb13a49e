package dev.reelrank.torch;

import dev.reelrank.pipeline.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads libtorch once in this process and sets its CPU threads right.
 *
 * <p>libtorch's OpenMP threads call an OpenBLAS that is built on its own pthread pool; together
 * they oversubscribe the cores and crawl (5 times slower, seconds of stalls under load). So
 * OpenBLAS gets one thread, and parallelism is left to libtorch, which gets {@code
 * REELRANK_THREADS}, or else {@code OMP_NUM_THREADS}, or else every core this process may use.
 */
public final class TorchRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(TorchRuntime.class);

    private TorchRuntime() {}

    private static final class Started {
        static final int THREADS = start();

        private static int start() {
            NativeMemory.unlimited();
            cache().load(
                            () -> {
                                openblas_nolapack.blas_set_num_threads(1);
                                torch.get_num_threads();
                            });
            int threads = wantedThreads(System::getenv);
            torch.set_num_threads(threads);
            LOG.debug("libtorch computes with {} CPU threads", threads);
            return threads;
        }

        private static NativeCache cache() {
            try {
                return new NativeCache(
                        Loader.getCacheDir().toPath(),
                        NativeCache.libraries(System.getProperty("java.class.path", "")));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "there is no folder into which libtorch can be unpacked; name one with -Dorg.bytedeco.javacpp.cachedir",
                        e);
            }
        }
    }

    /** Makes libtorch ready; cheap after the first call. Every entry into this package calls it. */
    public static void start() {
        if (Started.THREADS < 1) {
            throw new IllegalStateException("libtorch has no CPU threads");
        }
    }

    /** CPU threads that libtorch computes with. */
    public static int threads() {
        start();
        return torch.get_num_threads();
    }

    /**
     * Gives libtorch another number of CPU threads, for a worker whose lease grants fewer cores.
     *
     * @param threads at least 1
     */
    public static void threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        }
        start();
        torch.set_num_threads(threads);
    }

    /** Makes libtorch's own random numbers begin anew from this seed, on every device. */
    public static void seed(long seed) {
        start();
        torch.manual_seed(seed);
    }

    /**
     * Whether cuDNN measures its algorithms for each new shape of a convolution, which takes
     * seconds, and keeps the fastest, or takes the one that it expects to be. Of the whole process;
     * at first it does not.
     */
    public static void tryConvolutions(boolean measured) {
        start();
        torch.globalContext().setBenchmarkCuDNN(measured);
    }

    /** Whether a CUDA build of libtorch is loaded and sees a GPU. */
    public static boolean cudaAvailable() {
        start();
        return torch.cuda_is_available();
    }

    static int wantedThreads(java.util.function.UnaryOperator<String> environment) {
        for (String name : new String[] {"REELRANK_THREADS", "OMP_NUM_THREADS"}) {
            String value = environment.apply(name);
            if (value != null && value.strip().matches("[1-9]\\d{0,3}")) {
                return Integer.parseInt(value.strip());
            }
        }
        return Runtime.getRuntime().availableProcessors();
    }

    /** Runs with another number of CPU threads and restores the old one. */
    public static <T> T withThreads(int threads, Supplier<T> body) {
        int before = threads();
        threads(threads);
        try {
            return body.get();
        } finally {
            threads(before);
        }
    }
}
