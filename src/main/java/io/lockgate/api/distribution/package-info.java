/** The distribution API (docs/api-distribution.md): which provider holds which blocks of a file. */
@NullMarked
package io.lockgate.api.distribution;

import org.jspecify.annotations.NullMarked;
