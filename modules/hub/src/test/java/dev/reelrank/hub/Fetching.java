package dev.reelrank.hub;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a hub and a folder for models, both new for each. */
abstract class Fetching {
    FetchFixture fixture;

    @BeforeEach
    void startHub(@TempDir Path folder) throws IOException {
        fixture = new FetchFixture(folder);
    }

    @AfterEach
    void stopHub() {
        fixture.close();
    }
}
