package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import jakarta.ws.rs.core.Response;

/** Successes of the admin dialect: {@code {"data","code"}}, to which calls add what they have to say. */
final class AccountReplies {
    private AccountReplies() {}

    static ObjectNode success(int status) {
        return JsonFields.object().put("data", "Success").put("code", status);
    }

    /**
     * A success that says no more, where something was there to do it to.
     *
     * @throws ProblemException 404 when nothing was there
     */
    static Response done(boolean found, String otherwise) {
        if (!found) {
            throw ProblemException.notFound(otherwise);
        }
        return Json.response(200, success(200));
    }
}
