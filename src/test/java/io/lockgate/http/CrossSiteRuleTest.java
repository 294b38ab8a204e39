package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.http.CrossSiteRule.Fault;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listed origins and spellings of one's own; the rest is asked over HTTP by {@code CrossSiteTest}. */
class CrossSiteRuleTest {
    private static final CrossSiteRule RULE =
            new CrossSiteRule(List.of("https://console.example.com", "http://[::1]:3000"));

    private static Optional<Fault> judged(@Nullable String authority, @Nullable String site, @Nullable String origin) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (site != null) {
            headers.add("sec-fetch-site", site);
        }
        if (origin != null) {
            headers.add("origin", origin);
        }
        HttpServerRequest request = proxy(HttpServerRequest.class, (name, argument) -> switch (name) {
            case "headers" -> headers;
            case "method" -> HttpMethod.POST;
            case "version" -> HttpVersion.HTTP_1_1;
            case "getHeader" -> headers.get(String.valueOf(argument));
            case "authority" -> authority == null ? null : HostAndPort.parseAuthority(authority, -1);
            default -> throw new UnsupportedOperationException(name);
        });
        return RULE.check(proxy(RoutingContext.class, (name, argument) -> request));
    }

    private interface Answers {
        @Nullable Object to(String name, @Nullable Object argument);
    }

    private static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answers.to(method.getName(), arguments == null ? null : arguments[0])));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "a.example, same-site, https://console.example.com, true",
                "a.example, same-site, HTTPS://Console.Example.com, true",
                "a.example, same-site, http://console.example.com, false",
                "a.example, same-site, https://console.example.com:8443, false",
                "a.example, same-site, -, false",
                "a.example, cross-site, https://console.example.com, false",
                "a.example, -, https://console.example.com, true",
                "a.example, -, http://[::1]:3000, true",
                "a.example, -, https://a.example, true",
                "A.example, -, http://a.EXAMPLE, true",
                "a.example:443, -, https://a.example, true",
                "a.example, -, https://a.example:8443, false",
                "a.example:8443, -, https://a.example:8443, true",
                "a.example:8443, -, https://a.example, false",
                "[::1]:8080, -, http://[::1]:8080, true",
                "a.example, -, https://a.example.evil, false",
                "a.example, -, https://a.example/, false",
                "a.example, -, null, false",
                "a.example, -, file://a.example, false",
                "-, -, http://a.example, false",
                "-, -, -, true"
            })
    @DisplayName("An origin is accepted if host and port are the request's own, or if it is listed exactly")
    void origins(@Nullable String authority, @Nullable String site, @Nullable String origin, boolean passes) {
        assertThat(judged(authority, site, origin)).isEqualTo(passes ? Optional.empty() : Optional.of(Fault.FOREIGN));
    }
}
