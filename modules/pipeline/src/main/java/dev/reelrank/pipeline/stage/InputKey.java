package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.KeyParts;
import dev.reelrank.pipeline.NotInKey;
import dev.reelrank.pipeline.Sha256;
import java.lang.reflect.InvocationTargetException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * The key under which a stage's result is stored: a hash of everything the result depends on, and
 * of nothing else.
 *
 * <p>It covers the stage, its version, the whole request (content hashes of inputs and the stage's
 * part of the configuration; record components marked {@link NotInKey} are left out, those marked
 * {@link InKeyWhenSet} only while they are unset), the model fingerprint and the precision. The run
 * and the sample are not in it, so that reruns and replays find what is there.
 */
public final class InputKey {
    private InputKey() {}

    /** 64 hex digits. */
    public static String of(
            int stageVersion, StageRequest request, String fingerprint, String precision) {
        var text = new StringBuilder(512);
        text.append("stage=").append(request.stage().id()).append(";version=").append(stageVersion);
        text.append(";fingerprint=")
                .append(fingerprint)
                .append(";precision=")
                .append(precision)
                .append(";request=");
        append(text, request);
        return Sha256.of(text.toString());
    }

    /**
     * What a part of a request adds to the key: equal for two parts that no result can tell apart.
     *
     * @return 64 hex digits
     */
    public static String ofPart(Record part) {
        var text = new StringBuilder(512);
        append(text, part);
        return Sha256.of(text.toString());
    }

    private static void append(StringBuilder out, Object value) {
        if (value == null) {
            out.append('~');
        } else if (value instanceof Record r) {
            appendRecord(out, r);
        } else if (value instanceof Collection<?> list) {
            out.append('[');
            for (var item : list) {
                append(out, item);
                out.append(',');
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            for (var e : new TreeMap<>(map).entrySet()) {
                append(out, e.getKey());
                out.append(':');
                append(out, e.getValue());
                out.append(',');
            }
            out.append('}');
        } else if (value instanceof Enum<?> e) {
            out.append(e.name());
        } else if (value instanceof CharSequence s) {
            // The length stands first, so that no text can imitate the structure around it.
            out.append('"').append(s.length()).append(':').append(s);
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            throw new IllegalArgumentException(
                    "no canonical form for " + value.getClass().getName());
        }
    }

    private static boolean isUnset(Object value) {
        return value == null
                || (value instanceof Collection<?> list && list.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty());
    }

    private static void appendRecord(StringBuilder out, Record r) {
        out.append(r.getClass().getSimpleName()).append('(');
        if (r instanceof KeyParts own) {
            own.keyParts().forEach((name, part) -> appendPart(out, name, part));
            out.append(')');
            return;
        }
        for (var c : r.getClass().getRecordComponents()) {
            if (c.isAnnotationPresent(NotInKey.class)) {
                continue;
            }
            try {
                var accessor = c.getAccessor();
                accessor.setAccessible(true);
                Object value = accessor.invoke(r);
                if (!c.isAnnotationPresent(InKeyWhenSet.class) || !isUnset(value)) {
                    appendPart(out, c.getName(), value);
                }
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(
                        "cannot read " + c + " of " + r.getClass().getName(), e);
            }
        }
        out.append(')');
    }

    private static void appendPart(StringBuilder out, String name, Object value) {
        out.append(name).append('=');
        append(out, value);
        out.append(';');
    }
}
