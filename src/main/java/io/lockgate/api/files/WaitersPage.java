package io.lockgate.api.files;

import java.util.List;

/** A page of requests that wait; nobody waits yet. */
record WaitersPage(List<GrantBody> waiters, PagingBody paging) implements JsonBody {}
