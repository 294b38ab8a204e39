/**
 * What every API needs of HTTP, once: dialects, problems, filters and their order, authentication, JSON bodies, answers
 * in slices, cross-site rules, clients that leave. It knows no API and no adapter.
 */
@NullMarked
package io.lockgate.http;

import org.jspecify.annotations.NullMarked;
