package dev.reelrank.qwen;

import java.nio.file.Path;

/** The readers of a Qwen folder's files, which the module keeps to itself. */
public final class QwenFiles {
    private QwenFiles() {}

    /** Reads the configuration of a folder. */
    public static void readConfig(Path folder) {
        QwenConfig.read(folder);
    }

    /** Reads the tokenizer of a folder and encodes a text with it. */
    public static void readTokenizer(Path folder) {
        try (var tokenizer = QwenTokenizer.open(folder, Integer.MAX_VALUE)) {
            tokenizer.encode("a red ring");
        }
    }
}
