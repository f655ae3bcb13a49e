package dev.reelrank.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HubSettingsTest {
    private static HubSettings of(String... variables) {
        var environment = new java.util.HashMap<String, String>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        environment.putIfAbsent("HF_HOME", "/nowhere");
        return HubSettings.of(environment, List.of());
    }

    private static Proxy proxy(HubSettings settings, String address) {
        return settings.proxies().select(URI.create(address)).get(0);
    }

    @Test
    void shouldFindTheCacheAsHuggingFacesToolsDo() {
        assertThat(of("HF_HOME", "/a").cache()).isEqualTo(Path.of("/a/hub"));
        assertThat(of("HF_HOME", "/a", "HF_HUB_CACHE", "/b").cache()).isEqualTo(Path.of("/b"));
        assertThat(
                        HubSettings.of(Map.of("XDG_CACHE_HOME", "/x", "HF_TOKEN", "t"), List.of())
                                .cache())
                .isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(of().endpoints()).containsExactly(URI.create("https://huggingface.co"));
        assertThat(of("HF_HUB_OFFLINE", "true").offline()).isTrue();
    }

    @Test
    void shouldWithholdTheTokenFromConnectionsThatOthersCanRead() {
        var settings = of("HF_TOKEN", "hf_secret");
        assertThat(new Http(URI.create("http://mirror.example"), settings).token()).isEmpty();
        assertThat(new Http(URI.create("http://mirror.example"), settings).withholdsToken())
                .isTrue();
        assertThat(new Http(URI.create("https://mirror.example"), settings).token()).isPresent();
        assertThat(new Http(URI.create("http://127.0.0.1:9"), settings).token()).isPresent();
        assertThat(new Http(URI.create("http://127.evil.example"), settings).token()).isEmpty();
    }

    @Test
    void shouldUseTheProxiesOfTheEnvironment() {
        var settings =
                of("HTTPS_PROXY", "http://127.0.0.1:3128", "no_proxy", ".inside, hub.example");
        assertThat(proxy(settings, "https://huggingface.co/x").address())
                .isEqualTo(new InetSocketAddress("127.0.0.1", 3128));
        for (String direct :
                List.of(
                        "http://huggingface.co",
                        "https://hub.example",
                        "https://a.hub.example",
                        "https://a.inside",
                        "https://localhost:1")) {
            assertThat(proxy(settings, direct)).as(direct).isEqualTo(Proxy.NO_PROXY);
        }
    }

    @Test
    void shouldRefuseAProxyThatItCannotUse() {
        assertThatThrownBy(() -> of("HTTPS_PROXY", "http://me:secret@proxy:1"))
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageContaining("without")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> of("http_proxy", "socks5://proxy:1"))
                .hasMessageContaining("HTTP_PROXY");
    }
}
