package dev.reelrank.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The name of a test decides when it runs: {@code *Test} and {@code *Properties} in {@code mvn
 * test}, {@code *IT} in {@code mvn verify}.
 */
final class TestNamesTest {
    private static final Set<String> MARKS =
            Set.of(
                    "org.junit.jupiter.api.Test",
                    "org.junit.jupiter.api.RepeatedTest",
                    "org.junit.jupiter.api.TestFactory",
                    "org.junit.jupiter.params.ParameterizedTest",
                    "net.jqwik.api.Property",
                    "net.jqwik.api.Example");

    private static final String PROCESS = "java.lang.ProcessBuilder";

    private static JavaClasses tests;
    private static Set<String> startProcesses;

    @BeforeAll
    static void readOnce() {
        SourceTree tree = SourceTree.read();
        tests = tree.testClasses();
        startProcesses = new HashSet<>();
        for (JavaClass type : tree.mainClasses()) {
            if (uses(type, PROCESS)) {
                startProcesses.add(type.getName());
            }
        }
    }

    @Test
    void everyTestIsNamedSoThatItRuns() {
        Set<String> unnamed = new TreeSet<>();
        for (JavaClass type : tests) {
            if (holdsTests(type) && !isFast(top(type)) && !top(type).getName().endsWith("IT")) {
                unnamed.add(type.getName());
            }
        }
        assertThat(unnamed)
                .as("classes with tests that no build runs; name them *Test, *Properties or *IT")
                .isEmpty();
    }

    @Test
    void fastTestsStartNoProcess() {
        Set<String> slow = new TreeSet<>();
        for (JavaClass type : tests) {
            if (holdsTests(type) && isFast(top(type))) {
                String way = wayToAProcess(type);
                if (way != null) {
                    slow.add(way);
                }
            }
        }
        assertThat(slow)
                .as(
                        "fast tests that start a broker, another process or a container; rename them to *IT, so that"
                                + " mvn test stays fast")
                .isEmpty();
    }

    /** Follows what a test uses through test code only. */
    private static @Nullable String wayToAProcess(JavaClass start) {
        Map<String, String> ways = new HashMap<>();
        Deque<JavaClass> queue = new ArrayDeque<>(List.of(start));
        ways.put(start.getName(), start.getSimpleName());
        while (!queue.isEmpty()) {
            JavaClass type = queue.remove();
            String way = ways.get(type.getName());
            for (Dependency use : type.getDirectDependenciesFromSelf()) {
                String target = use.getTargetClass().getBaseComponentType().getName();
                if (target.equals(PROCESS)
                        || target.startsWith("org.testcontainers.")
                        || startProcesses.contains(target)) {
                    return way + " -> " + target;
                }
                if (tests.contain(target)
                        && ways.putIfAbsent(
                                        target, way + " -> " + use.getTargetClass().getSimpleName())
                                == null) {
                    queue.add(tests.get(target));
                }
            }
        }
        return null;
    }

    private static boolean holdsTests(JavaClass type) {
        for (JavaMethod method : type.getMethods()) {
            if (method.getAnnotations().stream()
                    .anyMatch(mark -> MARKS.contains(mark.getRawType().getName()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFast(JavaClass type) {
        return type.getName().endsWith("Test") || type.getName().endsWith("Properties");
    }

    private static JavaClass top(JavaClass type) {
        JavaClass top = type;
        while (top.getEnclosingClass().isPresent()) {
            top = top.getEnclosingClass().get();
        }
        return top;
    }

    private static boolean uses(JavaClass type, String name) {
        return type.getDirectDependenciesFromSelf().stream()
                .anyMatch(use -> use.getTargetClass().getName().equals(name));
    }
}
