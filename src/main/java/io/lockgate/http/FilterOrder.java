package io.lockgate.http;

/**
 * The order of the filters that run before routing, the first at the top: Quarkus runs filters of a greater number
 * first. A filter that may answer a request must come after the filters whose headers or checks its answer needs.
 */
public final class FilterOrder {
    /** Lets requests of HTTP/2 wait for their turn: before any work on them. */
    public static final int TURNS = 5_000;

    /** Sets the labels of the request's metrics, whoever answers it. */
    public static final int METRICS = 4_000;

    /** Counts forwarded headers that name no client. */
    public static final int FORWARDED_HEADERS = 3_000;

    /** Adds CORS headers, to the answers of all filters below. */
    public static final int ANY_ORIGIN = 2_900;

    /** Refuses requests while the gateway stops: before anything is begun. */
    public static final int DRAIN = 2_000;

    /** Refuses malformed HTTP/2 requests: before any filter that looks at the path. */
    public static final int HTTP2_RULES = 1_600;

    /** Starts the deadline of the body: before any filter that may read it. */
    public static final int BODY_DEADLINE = 1_500;

    /** Checks the request in the format of its API: before authentication. */
    public static final int DIALECT = 1_000;

    /** Refuses malformed URIs that no API owns. */
    public static final int URI_CHECK = 900;

    /** Hands out the OpenAPI document. Quarkus authenticates behind all of these filters: the document is for everybody. */
    public static final int OPEN_API = 800;

    private FilterOrder() {}
}
