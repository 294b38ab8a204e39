/**
 * What tests of several packages share: the servers that they run against, users, clients, and ways to break things.
 *
 * <p>Three HTTP clients, each for what the others cannot do. {@link io.lockgate.testing.RawHttp} is the ordinary one:
 * raw sockets, so that targets, headers and bodies go out exactly as given and answers are seen as they came, where a
 * library would tidy both up. {@link io.lockgate.testing.RawHttp2} does the same for HTTP/2 frames. {@code
 * java.net.http} is for many calls at once, for TLS and for an HTTP/2 client as users have it. Give it {@code HTTP_1_1}
 * unless HTTP/2 is the subject: on its own it asks for an upgrade to HTTP/2 and loses a large answer that follows
 * (docs/api-files.md).
 */
@NullMarked
package io.lockgate.testing;

import org.jspecify.annotations.NullMarked;
