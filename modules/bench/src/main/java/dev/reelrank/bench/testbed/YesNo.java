package dev.reelrank.bench.testbed;

import dev.reelrank.qwen.QwenModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The instruction of yes/no questions and the words that count as answers, as serving reads them.
 *
 * @param system the instruction before the pictures
 * @param yes words for yes
 * @param no words for no
 */
record YesNo(String system, List<String> yes, List<String> no) {
    static YesNo ofResources() {
        try (InputStream in = QwenModel.class.getResourceAsStream("questions/yes_no.yaml")) {
            if (in == null) {
                throw new IllegalStateException("questions/yes_no.yaml is not on the class path");
            }
            Map<?, ?> file =
                    (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            return new YesNo(
                    String.valueOf(file.get("system")).strip(),
                    words(Objects.requireNonNull(file.get("yes"))),
                    words(Objects.requireNonNull(file.get("no"))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read questions/yes_no.yaml", e);
        }
    }

    private static List<String> words(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }
}
