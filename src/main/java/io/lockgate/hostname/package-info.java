/** Names of the addresses that stand in grants: the port {@link io.lockgate.hostname.ReverseDns} and its answer. */
@NullMarked
package io.lockgate.hostname;

import org.jspecify.annotations.NullMarked;
