/** Load tests that users run against any deployment (docs/load-tests.md). No part of the product. */
@NullMarked
package io.lockgate.load;

import org.jspecify.annotations.NullMarked;
