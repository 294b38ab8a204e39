package io.lockgate.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the header of an HTTP/1.1 request must say before anybody acts on it: where it ends (RFC 9112, 6.1 and 6.3), and
 * for which path of which host it is (RFC 9112, 3.2). A server and a proxy in front of it that differ on any of them
 * can be made to see different requests.
 */
public final class RequestRules {
    public static final String NO_PATH = "the target of the request is not a path";

    private static final String CHUNKED = "chunked";
    private static final CharSequence HTTP2_SETTINGS = Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER;
    private static final CharSequence H2C = Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME;

    private RequestRules() {}

    /** The fault of a request whose header could be read; empty when it has none. */
    static Optional<FramingException> faultOf(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return fault(505, "the protocol must be HTTP/1.1, HTTP/1.0 or HTTP/2");
        }
        HttpHeaders headers = request.headers();
        if (headers.contains("")) {
            return fault(400, "a field of the header has no name");
        }
        return faultOfEncoding(version, headers.getAll(HttpHeaderNames.TRANSFER_ENCODING))
                .or(() -> faultOfTarget(request.method(), request.uri()))
                .or(() -> faultOfHost(version, headers.getAll(HttpHeaderNames.HOST)))
                .or(() -> faultOfUpgrade(headers));
    }

    /**
     * Removes an incomplete upgrade to HTTP/2, and one in HTTP/1.0, so that the request is answered as if it had none
     * (RFC 9110, 7.8; RFC 7540, 3.2): Vert.x would fail at it, or answer without a body. A complete one is written in
     * the one form that Vert.x reads.
     */
    static void settleUpgrade(HttpHeaders headers, HttpVersion version) {
        if (!headers.containsValue(HttpHeaderNames.UPGRADE, H2C, true)) {
            return;
        }
        boolean complete = version.equals(HttpVersion.HTTP_1_1)
                && headers.contains(HTTP2_SETTINGS)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HTTP2_SETTINGS, true);
        if (complete) {
            headers.set(HttpHeaderNames.CONNECTION, "Upgrade, HTTP2-Settings");
        } else {
            headers.remove(HttpHeaderNames.UPGRADE);
        }
    }

    private static Optional<FramingException> faultOfEncoding(HttpVersion version, List<String> encodings) {
        if (encodings.isEmpty()) {
            return Optional.empty();
        }
        if (version.equals(HttpVersion.HTTP_1_0)) {
            return fault(400, "field 'Transfer-Encoding' must not be in a header of HTTP/1.0");
        }
        String codings = String.join(",", encodings).strip().toLowerCase(Locale.ROOT);
        if (codings.equals(CHUNKED)) {
            return Optional.empty();
        }
        return codings.endsWith("," + CHUNKED) || codings.endsWith(", " + CHUNKED)
                ? fault(501, "field 'Transfer-Encoding' must be 'chunked' alone")
                : fault(400, "field 'Transfer-Encoding' must be 'chunked'");
    }

    private static Optional<FramingException> faultOfTarget(HttpMethod method, String target) {
        boolean namesNone =
                method.equals(HttpMethod.CONNECT) || (method.equals(HttpMethod.OPTIONS) && target.equals("*"));
        return namesNone || !RequestSequencer.pathOf(target).isEmpty() ? Optional.empty() : fault(400, NO_PATH);
    }

    private static Optional<FramingException> faultOfHost(HttpVersion version, List<String> hosts) {
        if (hosts.isEmpty()) {
            return version.equals(HttpVersion.HTTP_1_0)
                    ? Optional.empty()
                    : fault(400, "field 'Host' is missing in the header");
        }
        if (hosts.size() > 1) {
            return fault(400, "field 'Host' is given twice in the header");
        }
        return Authority.isValid(hosts.getFirst())
                ? Optional.empty()
                : fault(400, "field 'Host' in the header is not a host with an optional port");
    }

    /** Settings that come with an upgrade (RFC 7540, 3.2.1): Vert.x answers bad ones without a body. */
    private static Optional<FramingException> faultOfUpgrade(HttpHeaders headers) {
        String settings = headers.get(HTTP2_SETTINGS);
        if (settings == null || !headers.containsValue(HttpHeaderNames.UPGRADE, H2C, true)) {
            return Optional.empty();
        }
        try {
            ByteBuffer pairs = ByteBuffer.wrap(Base64.getUrlDecoder().decode(settings));
            @SuppressWarnings("ModifiedButNotUsed") // It checks what is put into it.
            Http2Settings taken = new Http2Settings();
            while (pairs.hasRemaining()) {
                taken.put((char) pairs.getShort(), Long.valueOf(Integer.toUnsignedLong(pairs.getInt())));
            }
            return Optional.empty();
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return fault(400, "field 'HTTP2-Settings' in the header holds no settings of HTTP/2");
        }
    }

    private static Optional<FramingException> fault(int status, String description) {
        return Optional.of(new FramingException(status, description));
    }
}
