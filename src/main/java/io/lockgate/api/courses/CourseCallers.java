package io.lockgate.api.courses;

import io.lockgate.course.Caller;
import io.vertx.ext.web.RoutingContext;

/** Says who sent a request of this door, in the course room's terms. */
public interface CourseCallers {
    /**
     * The caller, whom the guard has let in: neither without a good credential nor deleted. A partner key is a caller that is no
     * user.
     *
     * @throws io.lockgate.identity.IdentityUnavailableException when the identity is only remembered
     */
    Caller current(RoutingContext exchange);
}
