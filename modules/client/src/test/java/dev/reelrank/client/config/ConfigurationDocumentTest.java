package dev.reelrank.client.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfigurationDocumentTest {
    @Test
    void shouldExplainEveryKey() throws IOException {
        String document = Files.readString(Path.of("../../docs/configuration.md"));
        for (var section : RunConfiguration.class.getRecordComponents()) {
            String part =
                    document.split("## " + section.getName() + "\n", 2)[1].split("\n## ", 2)[0];
            for (String key : keys(section.getType(), "")) {
                assertThat(part)
                        .as("docs/configuration.md, section %s", section.getName())
                        .contains("`" + key + "`");
            }
        }
    }

    private static List<String> keys(Class<?> type, String prefix) {
        var keys = new ArrayList<String>();
        for (var component : type.getRecordComponents()) {
            String key = prefix + component.getName();
            if (component.getType().isRecord()) {
                keys.addAll(keys(component.getType(), key + "."));
            } else {
                keys.add(key);
            }
        }
        return keys;
    }
}
