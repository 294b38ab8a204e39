package io.lockgate.http;

import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** How the OpenAPI document tells the failures of a door: each once, among the components, and operations refer to it. */
public final class FailureDocs {
    private static final Map<String, String> FAILURES = Map.of(
            "400", "The request is wrong; the text names the field.",
            "401", "The credential is missing, not valid, or of a kind that does not belong here.",
            "403", "The caller lacks a permission, or what is named is another's.",
            "404", "What is named is not there.",
            "413", "The body is too large.",
            "415", "The body is not application/json.",
            "500", "The gateway failed.",
            "503", "The database does not answer. The call may have happened all the same; it is safe to repeat.");

    private FailureDocs() {}

    /** Adds the failures that every operation of a door can have, under names that begin with {@code door}. */
    public static void addTo(Components components, String door, String schema) {
        FAILURES.forEach((status, description) ->
                components.addResponse(door + status, failure(schema, description, status.equals("503"))));
    }

    /**
     * Lets an operation refer to the failures that {@link #addTo} added.
     *
     * @param open it needs no credential
     */
    public static void refer(Operation operation, String door, boolean open) {
        boolean body = operation.getRequestBody() != null;
        for (String status : FAILURES.keySet()) {
            boolean ofBodies = status.equals("413") || status.equals("415");
            boolean ofCallers = status.equals("403") || status.equals("404");
            if ((body || !ofBodies) && (!open || !ofCallers)) {
                refer(operation, status, door + status);
            }
        }
    }

    /** Lets an operation refer to a failure among the components, unless it tells one of its own. */
    public static void refer(Operation operation, String status, String component) {
        APIResponse known = operation.getResponses().getAPIResponse(status);
        // Quarkus says of every operation with a body that it may be a bad request, and nothing more.
        if (known == null || (known.getRef() == null && known.getContent() == null)) {
            operation
                    .getResponses()
                    .addAPIResponse(status, OASFactory.createAPIResponse().ref("#/components/responses/" + component));
        }
    }

    /** A failure with a body of {@code schema}, and with the header Retry-After if so. */
    public static APIResponse failure(String schema, String description, boolean retryAfter) {
        APIResponse response = OASFactory.createAPIResponse()
                .description(description)
                .content(OASFactory.createContent()
                        .addMediaType(
                                "application/json",
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref("#/components/schemas/" + schema))));
        return retryAfter ? response.addHeader("Retry-After", retryAfter()) : response;
    }

    private static Header retryAfter() {
        return OASFactory.createHeader()
                .description("When to ask again, in whole seconds.")
                .schema(OASFactory.createSchema()
                        .addType(Schema.SchemaType.INTEGER)
                        .addExample(1));
    }
}
