package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.remote.HubSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tokens, gated repositories, renamed ones and mirrors. */
final class AccessTest extends Fetching {
    private static final String TOKEN = "hf_abcdefghijklmnop";

    @Test
    void shouldSendTheTokenToTheHubAndToNobodyElse() throws Exception {
        fixture.environment.put("HF_TOKEN", TOKEN);
        fixture.hub.gate("org/toy", TOKEN);
        fixture.run();

        assertThat(fixture.hub.requests())
                .filteredOn(r -> r.server().equals("hub"))
                .isNotEmpty()
                .allMatch(r -> r.token().equals("Bearer " + TOKEN));
        assertThat(fixture.hub.requests())
                .filteredOn(r -> r.server().equals("storage"))
                .isNotEmpty()
                .allMatch(r -> r.token().equals("null"));
    }

    @Test
    void shouldReadTheTokenFromTheFileOfHuggingFacesTools() throws Exception {
        Path file = fixture.home.resolve("hf").resolve("token");
        Files.createDirectories(file.getParent());
        Files.writeString(file, TOKEN + "\n");
        fixture.hub.gate("org/toy", TOKEN);
        fixture.run();
        assertThat(fixture.file("config.json")).exists();
    }

    @Test
    void shouldSayWhereToAcceptBeforeTheFirstByte() throws Exception {
        fixture.hub.gate("org/toy", TOKEN);

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                .hasMessageContaining("org/toy is gated")
                .hasMessageContaining(fixture.hub.address() + "/org/toy, accept")
                .hasMessageContaining("/settings/tokens")
                .hasMessageContaining("HF_TOKEN");
        assertThat(fixture.tree()).isEmpty();
    }

    @Test
    void shouldNameEveryGatedRepositoryAtOnce() throws Exception {
        fixture.hub.commit("org/other", FetchFixture.files());
        fixture.hub.gate("org/toy", TOKEN);
        fixture.hub.gate("org/other", TOKEN);
        fixture.plan();
        Path more = fixture.home.resolve("more.yaml");
        Files.writeString(
                more,
                """
                models:
                  toy: {repository: org/toy, inference: ["**"]}
                  other: {repository: org/other, inference: ["**"]}
                """);
        var models =
                dev.reelrank.hub.plan.Plans.shipped().with(more).choose(List.of("toy", "other"));

        assertThatThrownBy(() -> fixture.fetch().run(models))
                .hasMessageContaining("org/toy is gated")
                .hasMessageContaining("org/other is gated");
    }

    @Test
    void shouldSayWhoseTokenWasRefusedAndNeverShowIt() {
        fixture.environment.put("HF_TOKEN", "hf_of_somebody_else");
        fixture.hub.gate("org/toy", TOKEN);

        assertThatThrownBy(fixture::run)
                .hasMessageContaining("environment variable HF_TOKEN")
                .hasMessageContaining("accept")
                .hasMessageNotContaining("hf_of");
        assertThat(fixture.settings().toString()).doesNotContain("hf_of");
    }

    @Test
    void shouldExplainARepositoryThatIsNotThere() throws Exception {
        var models = fixture.plan();
        fixture.hub.fail(
                "/api/models/org/toy/revision/main",
                LocalHub.status(401, "X-Error-Code", "RepoNotFound"));

        assertThatThrownBy(() -> fixture.fetch().run(models))
                .hasMessageContaining("no repository org/toy, or it is private")
                .hasMessageContaining("No token was sent");
        assertThat(fixture.hub.requests()).hasSize(1);
    }

    @Test
    void shouldRefuseATokenThatCannotBeOne() {
        fixture.environment.put("HF_TOKEN", "hf_a b");
        assertThatThrownBy(fixture::settings)
                .hasMessageContaining("HF_TOKEN")
                .hasMessageNotContaining("hf_a");
    }

    @Test
    void shouldFollowARepositoryThatWasRenamed() throws Exception {
        fixture.environment.put("HF_TOKEN", TOKEN);
        String commit = fixture.hub.commit("org/new-name", FetchFixture.files());
        fixture.hub.commit("org/toy", FetchFixture.files());
        fixture.hub.rename("org/toy", "org/new-name");
        fixture.hub.gate("org/new-name", TOKEN);
        var models = fixture.plan("  # the same files, under another name");
        // The listing of the old name has the commit of the new one.
        fixture.hub.fail(
                "/api/models/org/toy/revision/main",
                (exchange, content) -> {
                    byte[] json =
                            ("{\"sha\": \"" + commit + "\"}").getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, json.length);
                    exchange.getResponseBody().write(json);
                    return true;
                });
        fixture.hub.fail(
                "/api/models/org/toy/tree/" + commit,
                (exchange, content) -> {
                    exchange.getResponseHeaders()
                            .add(
                                    "Location",
                                    "/api/models/org/new-name/tree/" + commit + "?recursive=true");
                    exchange.sendResponseHeaders(307, -1);
                    return true;
                });

        new Fetch(
                        fixture.models,
                        Layout.PLAIN,
                        fixture.settings(),
                        fixture.options,
                        fixture.progress())
                .run(models);
        assertThat(fixture.file("weights-1.safetensors")).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldAskAMirrorForWhatTheHubDoesNotGive() throws Exception {
        try (var mirror = new LocalHub()) {
            mirror.commit("org/toy", FetchFixture.files());
            var dead = LocalHub.status(503);
            fixture.hub.fail("config.json", dead, dead, dead, dead);
            fixture.hub.fail(
                    "README.md",
                    LocalHub.content("# b card".getBytes(StandardCharsets.UTF_8)),
                    LocalHub.content("# b card".getBytes(StandardCharsets.UTF_8)));
            var settings =
                    HubSettings.of(
                                    fixture.environment,
                                    List.of(fixture.hub.address(), mirror.address()))
                            .with(fixture.patience);

            // The commits of both are the same: their ids come from names and counts.
            new Fetch(fixture.models, Layout.PLAIN, settings, fixture.options, fixture.progress())
                    .run(fixture.plan());
            assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);
            assertThat(fixture.file("README.md")).hasBinaryContent(FetchFixture.CARD);
            assertThat(mirror.requestsFor("config.json")).hasSize(1);
        }
    }

    @Test
    void shouldStayWithTheMirrorWhereItsListingLeadsToTheHub() throws Exception {
        fixture.environment.put("HF_TOKEN", TOKEN);
        String tree = "/api/models/org/toy/tree/" + fixture.commit;
        fixture.hub.fail(
                tree,
                (exchange, content) -> {
                    exchange.getResponseHeaders()
                            .add(
                                    "Link",
                                    "<https://hub.example%s?recursive=true&cursor=0>; rel=\"next\""
                                            .formatted(tree));
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write("[]".getBytes(StandardCharsets.UTF_8));
                    return true;
                });

        fixture.run();
        assertThat(fixture.file("weights-1.safetensors")).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldRefuseAnEndpointThatIsNoAddress() {
        for (String text : List.of("hub.example", "ftp://hub", "https://user:secret@hub", "a b")) {
            assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", text), List.of()))
                    .hasMessageContaining("HF_ENDPOINT")
                    .hasMessageNotContaining("secret");
        }
    }
}
