package io.lockgate.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Many HTTP calls at the same moment. */
public final class ConcurrentHttp implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    public ConcurrentHttp(URI base) {
        this.base = base;
    }

    public List<HttpResponse<String>> atOnce(int callers, IntFunction<HttpRequest> request) {
        return IntStream.range(0, callers)
                .mapToObj(i -> client.sendAsync(request.apply(i), HttpResponse.BodyHandlers.ofString()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .peek(ConcurrentHttp::check)
                .toList();
    }

    /** As {@link RawHttp} does. */
    private static void check(HttpResponse<String> response) {
        List<String[]> headers = new ArrayList<>();
        response.headers()
                .map()
                .forEach(
                        (name, values) -> headers.add(new String[] {name.toLowerCase(Locale.ROOT), values.getFirst()}));
        URI uri = response.request().uri();
        Contract.get()
                .check(
                        response.request().method(),
                        uri.getRawPath(),
                        new RawHttp.Answer(
                                response.statusCode(), headers, response.body().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A request with a body of JSON.
     *
     * @param credential a whole header, {@code Name: value}
     */
    public HttpRequest json(String method, String target, String body, String credential) {
        String[] header = credential.split(": ", 2);
        return HttpRequest.newBuilder(base.resolve(target))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .header(header[0], header[1])
                .build();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
