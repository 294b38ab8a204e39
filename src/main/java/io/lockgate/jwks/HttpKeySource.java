package io.lockgate.jwks;

import io.lockgate.identity.IssuerKeys;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the issuer's keys over HTTP. Fetches are minutes apart, so each has a client of its own: no idle connection
 * stays, and a certificate or credential that was replaced in its file is taken up. Redirects are not followed.
 */
public final class HttpKeySource implements IssuerKeys.Source {
    /** Of a key set or a discovery document; real ones have a few KiB. */
    static final int MAX_BODY = 256 << 10;

    private final Vertx vertx;
    private final IssuerAddress address;
    private final Duration timeout;

    /** @param timeout of a connection and of each of the at most two requests */
    public HttpKeySource(Vertx vertx, IssuerAddress address, Duration timeout) {
        this.vertx = vertx;
        this.address = address;
        this.timeout = timeout;
    }

    @Override
    public Uni<String> fetch() {
        return Uni.createFrom()
                .completionStage(() -> credential().compose(this::keys).toCompletionStage());
    }

    private Future<Optional<String>> credential() {
        return address.bearerToken().isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : vertx.fileSystem()
                        .readFile(address.bearerToken().get().toString())
                        .map(text -> Optional.of(text.toString().strip()));
    }

    private Future<String> keys(Optional<String> credential) {
        HttpClient client = vertx.createHttpClient(options());
        return jwks(client, credential)
                .compose(where -> get(client, where, isFor(where) ? credential : Optional.empty()))
                .map(Buffer::toString)
                .eventually(() -> client.close());
    }

    /**
     * Whether the credential may be shown there: to the server that the settings name, or to one for which their
     * authority vouches, for an API server may have several names. Any other that a document names gets none.
     */
    private boolean isFor(URI where) {
        URI named = address.jwks().orElseGet(address::discovery);
        return address.caCertificate().isPresent()
                || (where.getScheme() + "://" + where.getAuthority())
                        .equals(named.getScheme() + "://" + named.getAuthority());
    }

    private HttpClientOptions options() {
        int millis = (int) timeout.toMillis();
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(millis)
                .setSslHandshakeTimeout(millis)
                .setSslHandshakeTimeoutUnit(java.util.concurrent.TimeUnit.MILLISECONDS)
                .setKeepAlive(false)
                .setTrustAll(false)
                .setVerifyHost(true);
        address.caCertificate()
                .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        return options;
    }

    private Future<URI> jwks(HttpClient client, Optional<String> credential) {
        return address.jwks().isPresent()
                ? Future.succeededFuture(address.jwks().get())
                : get(client, address.discovery(), credential).map(this::discovered);
    }

    private URI discovered(Buffer document) {
        JsonObject description = new JsonObject(document);
        // Else one issuer could make another's tokens good (section 4.3 there).
        if (!address.issuer().equals(description.getString("issuer"))) {
            throw new IllegalStateException("the discovery document is another issuer's");
        }
        @Nullable String where = description.getString("jwks_uri");
        URI jwks = URI.create(where == null ? "" : where);
        if (!IssuerAddress.isTrustworthy(jwks)) {
            throw new IllegalStateException("jwks_uri of the discovery document is no https URL");
        }
        return jwks;
    }

    private Future<Buffer> get(HttpClient client, URI where, Optional<String> credential) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(where.toString())
                .setFollowRedirects(false)
                .setTimeout(timeout.toMillis())
                // Kubernetes answers 406 to a mere application/json.
                .putHeader("Accept", "*/*");
        credential.ifPresent(token -> options.putHeader("Authorization", "Bearer " + token));
        return client.request(options).compose(HttpClientRequest::send).compose(HttpKeySource::body);
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return Future.failedFuture(new IllegalStateException("status " + response.statusCode()));
        }
        Promise<Buffer> whole = Promise.promise();
        Buffer read = Buffer.buffer();
        response.handler(part -> {
            if (read.length() + part.length() > MAX_BODY) {
                whole.tryFail(new IllegalStateException("more than " + MAX_BODY + " bytes"));
                response.request().reset();
            } else {
                read.appendBuffer(part);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(read));
        return whole.future();
    }
}
