package dev.reelrank.perception;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets ONNX Runtime live as long as the process.
 *
 * <p>Its Java binding frees the runtime in a shutdown hook. A process that is asked to end runs its
 * hooks while other threads still compute, a worker even on purpose: it finishes what it has in
 * hand. The hook then pulls the runtime from under their sessions, which is a crash in native code.
 * The runtime counts its owners, so one more, who never lets go, makes the hook harmless; the
 * operating system frees what is left.
 */
final class OrtLifetime {
    private static final Logger LOG = LoggerFactory.getLogger(OrtLifetime.class);
    private static final int WARNING = 2;
    private static final AtomicBoolean HELD = new AtomicBoolean();

    private OrtLifetime() {}

    /** Shares ownership of the runtime, which DJL has set up before; once per process. */
    static void hold() {
        if (!HELD.compareAndSet(false, true)) {
            return;
        }
        var environment = OrtEnvironment.getEnvironment();
        try {
            // There is no public way to a second owner.
            var api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
            api.setAccessible(true);
            var create =
                    OrtEnvironment.class.getDeclaredMethod(
                            "createHandle", long.class, int.class, String.class);
            create.setAccessible(true);
            create.invoke(null, api.getLong(null), WARNING, "reelrank");
            LOG.debug("{} is kept until the process ends", environment);
        } catch (ReflectiveOperationException e) {
            LOG.warn(
                    "this version of ONNX Runtime cannot be kept until the process ends; ending the"
                            + " process while it computes may end in a crash report: {}",
                    e.toString());
        }
    }
}
