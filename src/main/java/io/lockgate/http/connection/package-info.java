/**
 * Limits and rules of client connections, before a request has a path: deadlines, memory, framing (RFC 9112, RFC 9113).
 */
@NullMarked
package io.lockgate.http.connection;

import org.jspecify.annotations.NullMarked;
