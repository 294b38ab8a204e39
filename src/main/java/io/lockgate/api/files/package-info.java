/**
 * The files API: byte-range locks, the file registry, reverse DNS, sessions and version. docs/api-files.md has its
 * facts.
 *
 * <p>A request passes {@link io.lockgate.http.DialectFilter} (what the framework would get wrong), a resource
 * (parameters to values), a use case of a domain, and {@link io.lockgate.api.files.locks.LockAnswers} or {@link
 * io.lockgate.api.files.FilesDialect} (outcome to answer).
 */
@NullMarked
package io.lockgate.api.files;

import org.jspecify.annotations.NullMarked;
