/**
 * What every API needs of HTTP, once: deadlines and limits of connections, back-pressure, framing, addresses, cross-site rules.
 * It knows no API and no domain.
 */
@NullMarked
package io.lockgate.http;

import org.jspecify.annotations.NullMarked;
