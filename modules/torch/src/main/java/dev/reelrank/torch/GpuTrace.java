package dev.reelrank.torch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cupti.CUpti_Activity;
import org.bytedeco.cuda.cupti.CUpti_ActivityKernel11;
import org.bytedeco.cuda.cupti.CUpti_ActivityMemcpy6;
import org.bytedeco.cuda.cupti.CUpti_ActivityMemset4;
import org.bytedeco.cuda.cupti.CUpti_BuffersCallbackCompleteFunc;
import org.bytedeco.cuda.cupti.CUpti_BuffersCallbackRequestFunc;
import org.bytedeco.cuda.global.cupti;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Counts what a GPU does for this process, kernel by kernel, through NVIDIA's CUPTI. For
 * measurements: one at a time in a process, and everything is a little slower meanwhile.
 */
public final class GpuTrace implements AutoCloseable {
    private static final long BUFFER_BYTES = 8L << 20;
    private static final int FORCED = 1;
    private static final List<Integer> KINDS =
            List.of(
                    cupti.CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                    cupti.CUPTI_ACTIVITY_KIND_MEMCPY,
                    cupti.CUPTI_ACTIVITY_KIND_MEMSET);

    private final TorchDevice device;
    private final Map<String, Long> nanos = new HashMap<>();
    private final Map<String, Long> counts = new HashMap<>();
    private final List<Pointer> held = new ArrayList<>();
    private final Request request = kept(new Request());
    private final Complete complete = kept(new Complete());

    /**
     * All runs of one kernel.
     *
     * @param name mangled, as the driver knows it; {@code memcpy} and {@code memset} for those
     * @param count how often it ran
     * @param seconds of all runs together
     */
    public record Kernel(String name, long count, double seconds) {}

    private GpuTrace(TorchDevice device) {
        this.device = device;
    }

    /**
     * Begins to count.
     *
     * @throws IllegalArgumentException on the CPU
     * @throws IllegalStateException when CUPTI refuses, as where a container may not profile
     */
    public static GpuTrace start(TorchDevice device) {
        if (!device.isCuda()) {
            throw new IllegalArgumentException("only what a GPU does is counted, not " + device);
        }
        var trace = new GpuTrace(device);
        device.synchronize();
        check(
                cupti.cuptiActivityRegisterCallbacks(trace.request, trace.complete),
                "register callbacks");
        for (int kind : KINDS) {
            check(cupti.cuptiActivityEnable(kind), "count activities of kind " + kind);
        }
        return trace;
    }

    /** CUPTI may call from within a scope of tensors, which must not free what belongs to it. */
    private synchronized <P extends Pointer> P kept(P pointer) {
        pointer.retainReference();
        held.add(pointer);
        return pointer;
    }

    /** What was done since the last call, or since the start; the longest first. */
    public List<Kernel> taken() {
        device.synchronize();
        check(cupti.cuptiActivityFlushAll(FORCED), "flush");
        synchronized (this) {
            var all =
                    nanos.entrySet().stream()
                            .map(
                                    e ->
                                            new Kernel(
                                                    e.getKey(),
                                                    counts.getOrDefault(e.getKey(), 0L),
                                                    e.getValue() / 1e9))
                            .sorted(Comparator.comparingDouble(Kernel::seconds).reversed())
                            .toList();
            nanos.clear();
            counts.clear();
            return all;
        }
    }

    private synchronized void count(String name, long start, long end) {
        nanos.merge(name, end - start, Long::sum);
        counts.merge(name, 1L, Long::sum);
    }

    private void read(BytePointer buffer, long bytes) {
        try (var record = new PointerPointer<CUpti_Activity>(1L)) {
            record.put(0, (Pointer) null);
            while (cupti.cuptiActivityGetNextRecord(buffer, bytes, record) == cupti.CUPTI_SUCCESS) {
                var any = record.get(CUpti_Activity.class, 0);
                switch (any.kind()) {
                    case cupti.CUPTI_ACTIVITY_KIND_KERNEL,
                            cupti.CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL -> {
                        var kernel = new CUpti_ActivityKernel11(any);
                        count(kernel.name().getString(), kernel.start(), kernel.end());
                    }
                    case cupti.CUPTI_ACTIVITY_KIND_MEMCPY -> {
                        var copy = new CUpti_ActivityMemcpy6(any);
                        count("memcpy", copy.start(), copy.end());
                    }
                    case cupti.CUPTI_ACTIVITY_KIND_MEMSET -> {
                        var set = new CUpti_ActivityMemset4(any);
                        count("memset", set.start(), set.end());
                    }
                    default -> {
                        // Nothing else was asked for.
                    }
                }
            }
        }
    }

    /** Gives CUPTI memory to write records into. */
    private final class Request extends CUpti_BuffersCallbackRequestFunc {
        @Override
        public void call(PointerPointer buffer, SizeTPointer size, SizeTPointer records) {
            BytePointer memory = kept(new BytePointer(BUFFER_BYTES));
            buffer.put(0, memory);
            size.put(BUFFER_BYTES);
            records.put(0);
        }
    }

    /** Takes the memory with its records. */
    private final class Complete extends CUpti_BuffersCallbackCompleteFunc {
        @Override
        public void call(
                CUctx_st context, int stream, BytePointer buffer, long size, long validSize) {
            if (validSize > 0) {
                read(buffer, validSize);
            }
        }
    }

    private static void check(int status, String what) {
        if (status != cupti.CUPTI_SUCCESS) {
            throw new IllegalStateException(
                    "CUPTI could not %s: status %d (cupti_result.h)".formatted(what, status));
        }
    }

    @Override
    public void close() {
        taken();
        for (int kind : KINDS) {
            check(cupti.cuptiActivityDisable(kind), "stop counting");
        }
        held.forEach(Pointer::releaseReference);
        held.clear();
    }
}
