/**
 * Which provider holds which blocks of a file (docs/api-distribution.md). A provider <em>reports</em> its blocks;
 * whoever may, reads all reports of a file. Reports say nothing about locks, and locks nothing about reports.
 */
@NullMarked
package io.lockgate.distribution;

import org.jspecify.annotations.NullMarked;
