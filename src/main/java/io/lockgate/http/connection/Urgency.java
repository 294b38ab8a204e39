package io.lockgate.http.connection;

/** Tells the requests that must not wait behind others when there are too many. */
public interface Urgency {
    /**
     * Whether that request is one.
     *
     * @param path raw, without query; any text at all
     */
    boolean isUrgent(String method, String path);
}
