package io.lockgate.http;

import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** The address of a request's client, as far as trusted proxies tell. */
public final class ClientAddress {
    private static final int NETWORK_BYTES = 8;

    private ClientAddress() {}

    /** The address as text; empty when there is none. */
    public static String of(RoutingContext context) {
        SocketAddress address = context.request().remoteAddress();
        return address == null || address.hostAddress() == null ? "" : address.hostAddress();
    }

    /**
     * The key under which limits count this client: an IPv4 address as it is, an IPv6 address by its first 64 bits, because one
     * subscriber usually has all of a /64 (RFC 6177).
     */
    public static String network(RoutingContext context) {
        return network(of(context));
    }

    /** The same for an address literal. */
    static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == 4
                    ? InetAddress.getByAddress(bytes).getHostAddress()
                    : HexFormat.of().formatHex(bytes, 0, NETWORK_BYTES) + "::/64";
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
