/** The queues of byte-range locks: requests that wait for what others hold, in order of arrival. */
@NullMarked
package io.lockgate.range.queue;

import org.jspecify.annotations.NullMarked;
