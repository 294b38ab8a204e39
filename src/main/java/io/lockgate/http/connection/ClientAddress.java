package io.lockgate.http.connection;

import io.lockgate.http.ForwardedHeaders;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The address of a request's client, as far as trusted proxies tell, in its canonical text ({@link IpAddress}). A
 * trusted proxy that names no address ({@link ForwardedHeaders}) is itself taken for the client.
 */
public final class ClientAddress {
    private static final int NETWORK_BYTES = 8;

    private ClientAddress() {}

    /** The address as text; empty when there is none. */
    public static String of(RoutingContext context) {
        String told = text(context.request().remoteAddress());
        return told.equals(ForwardedHeaders.UNUSABLE)
                ? text(context.request().connection().remoteAddress())
                : told;
    }

    /** The address of this gateway on the connection of the request; empty when there is none. */
    public static String ofGateway(RoutingContext context) {
        return text(context.request().localAddress());
    }

    /**
     * The key under which limits count this client: an IPv4 address as it is, an IPv6 address by its first 64 bits,
     * because one subscriber usually has all of a /64 (RFC 6177). Requests for which a trusted proxy names no address
     * count together, and apart from every client that has one.
     */
    public static String network(RoutingContext context) {
        String told = text(context.request().remoteAddress());
        return told.equals(ForwardedHeaders.UNUSABLE) ? "unnamed by " + of(context) : network(told);
    }

    /** The key under which limits count the client with that canonical address. */
    static String network(String address) {
        return address.indexOf(':') < 0
                ? address
                : HexFormat.of().formatHex(IpAddress.parse(address).getAddress(), 0, NETWORK_BYTES) + "::/64";
    }

    private static String text(@Nullable SocketAddress address) {
        @Nullable String text = address == null ? null : address.hostAddress();
        if (text == null) {
            return "";
        }
        if (text.indexOf(':') < 0) {
            return text;
        }
        int zone = text.indexOf('%');
        String plain = zone < 0 ? text : text.substring(0, zone);
        return IpAddress.canonical(plain).orElse(plain);
    }
}
