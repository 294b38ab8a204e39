package io.lockgate.range;

import java.util.List;

/**
 * A page of live grants.
 *
 * @param next where the following page begins; present on the last page too, from where a walk finds nothing more
 */
public record GrantPage(List<Grant> grants, Cursor next) {}
