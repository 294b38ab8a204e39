package io.lockgate.api.files;

import java.util.List;

/** A page of grants. */
record GrantsPage(List<GrantBody> grants, PagingBody paging) implements JsonBody {}
