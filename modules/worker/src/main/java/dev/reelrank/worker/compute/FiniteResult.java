package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.stage.StageResult;
import java.lang.reflect.InvocationTargetException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks for numbers that are not finite in what a stage computed. One of them would be stored, and
 * found again for ever; a score that is not a number even wins comparisons.
 */
final class FiniteResult {
    private FiniteResult() {}

    /** Where the first one is and what it is, null if all numbers are finite. */
    static @Nullable String fault(StageResult result) {
        return look(result.getClass().getSimpleName(), result);
    }

    private static @Nullable String look(String path, @Nullable Object value) {
        if (value instanceof Double d) {
            return Double.isFinite(d) ? null : path + " is " + d;
        } else if (value instanceof Float f) {
            return Float.isFinite(f) ? null : path + " is " + f;
        } else if (value instanceof Record r) {
            return components(path, r);
        } else if (value instanceof Map<?, ?> map) {
            for (var entry : map.entrySet()) {
                var fault = look(path + "." + entry.getKey(), entry.getValue());
                if (fault != null) {
                    return fault;
                }
            }
        } else if (value instanceof Collection<?> items) {
            int index = 0;
            for (var item : items) {
                var fault = look(path + "[" + index++ + "]", item);
                if (fault != null) {
                    return fault;
                }
            }
        }
        return null;
    }

    private static @Nullable String components(String path, Record r) {
        for (var component : r.getClass().getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                var fault = look(path + "." + component.getName(), accessor.invoke(r));
                if (fault != null) {
                    return fault;
                }
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot read " + component, e);
            }
        }
        return null;
    }
}
