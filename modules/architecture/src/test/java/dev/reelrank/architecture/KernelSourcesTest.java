package dev.reelrank.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sources of CUDA kernels. */
final class KernelSourcesTest {
    /** What every source begins with. */
    private static final String MACHINE = "machine.cu";

    private static final Pattern SHARED =
            Pattern.compile(
                    "^(?:__device__ __forceinline__ .*?\\w+\\(|struct .*?\\w+ \\{).*$",
                    Pattern.MULTILINE);

    @Test
    void noSourceSaysAgainWhatAllBeginWith() throws IOException {
        List<Path> sources = sources();
        var machine = sources.stream().filter(KernelSourcesTest::isMachine).toList();
        assertThat(machine).hasSize(1);
        List<String> shared = lines(machine.get(0));
        assertThat(shared).isNotEmpty();
        sources.removeAll(machine);
        assertThat(sources).isNotEmpty();
        for (Path source : sources) {
            assertThat(lines(source))
                    .as("what %s says again: it stands in %s", source, MACHINE)
                    .doesNotContainAnyElementsOf(shared);
        }
    }

    private static List<Path> sources() {
        List<Path> found = new ArrayList<>();
        for (var module : SourceTree.read().modules()) {
            Path resources = module.folder().resolve("src/main/resources");
            if (Files.isDirectory(resources)) {
                try (Stream<Path> files = Files.walk(resources)) {
                    files.filter(file -> file.toString().endsWith(".cu")).forEach(found::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return found;
    }

    private static boolean isMachine(Path source) {
        return source.endsWith(MACHINE);
    }

    private static List<String> lines(Path source) throws IOException {
        return SHARED.matcher(Files.readString(source)).results().map(MatchResult::group).toList();
    }
}
