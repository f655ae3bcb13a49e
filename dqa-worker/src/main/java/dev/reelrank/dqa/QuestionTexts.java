package dev.reelrank.dqa;

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
 * The question texts for the vision-language model. They belong to its module, because small models
 * are trained on exactly these texts.
 */
record QuestionTexts(
        String system,
        List<String> yes,
        List<String> no,
        String extractSystem,
        String extractUser) {
    @SuppressWarnings("unchecked")
    static QuestionTexts read() {
        Map<String, Object> ask = yaml("yes_no");
        Map<String, Object> extract = yaml("extract");
        return new QuestionTexts(
                (String) Objects.requireNonNull(ask.get("system")),
                (List<String>) Objects.requireNonNull(ask.get("yes")),
                (List<String>) Objects.requireNonNull(ask.get("no")),
                (String) Objects.requireNonNull(extract.get("system")),
                (String) Objects.requireNonNull(extract.get("user")));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> yaml(String name) {
        try (InputStream in =
                QwenModel.class.getResourceAsStream(
                        "/dev/reelrank/qwen/questions/" + name + ".yaml")) {
            return (Map<String, Object>)
                    new Load(LoadSettings.builder().build()).loadFromInputStream(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read questions/" + name + ".yaml", e);
        }
    }
}
