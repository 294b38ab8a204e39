/** What tests share: the servers they run against. */
@NullMarked
package io.lockgate.testing;

import org.jspecify.annotations.NullMarked;
