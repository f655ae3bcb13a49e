package dev.reelrank.video;

import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets OpenCV's arithmetic be used on machines without a desktop.
 *
 * <p>JavaCPP loads OpenCV's video module together with everything that its presets name, and one of
 * these draws windows: {@code highgui} wants GTK, which servers and containers do not have. No
 * library in use links it, so the loader is told that the library is already loaded.
 */
public final class HeadlessOpenCv {
    private static final Logger LOG = LoggerFactory.getLogger(HeadlessOpenCv.class);

    private HeadlessOpenCv() {}

    /** To be called before anything of OpenCV is touched. */
    // The loader holds the same lock while it loads.
    @SuppressWarnings({"unchecked", "LockOnNonEnclosingClassLiteral"})
    public static void prepare() {
        try {
            // The loader has no public way to leave a library out.
            var field = Loader.class.getDeclaredField("loadedLibraries");
            field.setAccessible(true);
            synchronized (Loader.class) {
                var loaded = (Map<String, String>) field.get(null);
                loaded.putIfAbsent("opencv_highgui@.413", "left out");
                loaded.putIfAbsent("jniopencv_highgui", "left out");
            }
        } catch (ReflectiveOperationException e) {
            LOG.warn(
                    "this version of JavaCPP loads OpenCV's windows too; without GTK on this machine"
                            + " optical flow will fail: {}",
                    e.toString());
        }
    }
}
