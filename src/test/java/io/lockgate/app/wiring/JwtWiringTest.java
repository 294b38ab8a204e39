package io.lockgate.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.app.settings.JwtSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.identity.IssuerKeys;
import io.lockgate.identity.Jwts;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtWiringTest {
    private static final Map<String, String> GOOD =
            Map.of("issuer", "https://issuer.example.org", "audience", "lockgate,other");

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    @DisplayName("Signed tokens are accepted only if an issuer is set, with the defaults in docs/settings.md")
    void issuer() {
        assertThat(of(Map.of())).isEmpty();
        assertThat(of(GOOD)).isPresent();
        var rules = JwtWiring.rules(settings(GOOD));
        assertThat(rules.audiences()).containsExactly("lockgate", "other");
        assertThat(rules.skew()).hasSeconds(30);
        assertThat(rules.userClaim()).isEqualTo("sub");
    }

    @Test
    @DisplayName("An issuer's name need not be a URL if the URL of its keys is set")
    void nameIsNoAddress() {
        assertThat(of(with("issuer", "kubernetes/serviceaccount", "jwks-url", "https://api.example.org/keys")))
                .isPresent();
        refused("lockgate.jwt.issuer", with("issuer", "kubernetes/serviceaccount"));
    }

    @Test
    @DisplayName("A wrong or unsafe setting stops the start with one line that names it")
    void wrong() throws IOException {
        refused("lockgate.jwt.audience", Map.of("issuer", "https://issuer.example.org"));
        refused("lockgate.jwt.issuer", Map.of("audience", "lockgate"));
        refused("lockgate.jwt.issuer", Map.of("jwks-url", "https://issuer.example.org/keys"));
        refused("lockgate.jwt.issuer", with("issuer", "http://issuer.example.org"));
        refused("lockgate.jwt.jwks-url", with("jwks-url", "http://issuer.example.org/keys"));
        refused("lockgate.jwt.jwks-url", with("jwks-url", "not a URL"));
        refused("lockgate.jwt.clock-skew", with("clock-skew", "301s"));
        refused("lockgate.jwt.fetch-pause", with("fetch-pause", "0s"));
        refused("lockgate.jwt.refresh", with("refresh", "2d"));
        refused("lockgate.jwt.timeout", with("timeout", "2s"));
        refused(
                "lockgate.jwt.ca-certificate",
                with("ca-certificate", directory.resolve("absent").toString()));
        Path junk = Files.writeString(directory.resolve("junk"), "junk");
        refused("lockgate.jwt.ca-certificate", with("ca-certificate", junk.toString()));
        Path empty = Files.writeString(directory.resolve("empty"), "");
        refused("lockgate.jwt.ca-certificate", with("ca-certificate", empty.toString()));
        refused(
                "lockgate.jwt.bearer-token-file",
                with("bearer-token-file", directory.resolve("absent").toString()));
        assertThat(of(with("bearer-token-file", junk.toString()))).isPresent();
    }

    private void refused(String name, Map<String, String> settings) {
        List<String> faults = new ArrayList<>(SettingBounds.faults(config(settings)).stream()
                .map(SettingBounds.Fault::line)
                .toList());
        if (faults.isEmpty()) {
            assertThatThrownBy(() -> of(settings))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageStartingWith(name + " ");
        }
        faults.addAll(JwtWiring.faults(settings(settings)));
        assertThat(faults).singleElement().asString().startsWith(name + " ").doesNotContain("\n");
    }

    private static Map<String, String> with(String... pairs) {
        Map<String, String> settings = new HashMap<>(GOOD);
        for (int i = 0; i < pairs.length; i += 2) {
            settings.put(pairs[i], pairs[i + 1]);
        }
        return settings;
    }

    private Optional<Jwts> of(Map<String, String> settings) {
        return JwtWiring.of(
                settings(settings),
                new IssuerKeys.Observer() {
                    @Override
                    public void keysFetched() {}

                    @Override
                    public void keysNotFetched() {}
                },
                16,
                Duration.ofSeconds(5),
                vertx);
    }

    private static JwtSettings settings(Map<String, String> settings) {
        return config(settings).getConfigMapping(JwtSettings.class);
    }

    private static SmallRyeConfig config(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((name, value) -> all.put("lockgate.jwt." + name, value));
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(all, "test", 100))
                .withConverter(Duration.class, 100, new DurationConverter())
                .withMapping(JwtSettings.class)
                .build();
    }
}
