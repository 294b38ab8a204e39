package io.lockgate.door.admin;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Adds to the document what holds for every lock operation of this door: its failures. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class AdminOpenApi implements OASFilter {
    private static final Map<String, String> FAILURES = Map.of(
            "400", "The request is wrong; the text names the field.",
            "401", "No good credential, or of the wrong kind.",
            "403", "The caller lacks a permission, or the lock is another's.",
            "404", "What is named is not there.",
            "500", "The gateway failed.",
            "503", "The database does not answer. The call may have happened all the same; it is safe to repeat.");

    private static final Map<String, String> FAILURES_OF_BODIES =
            Map.of("413", "The body is too large.", "415", "The body is not application/json.");

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        for (Map.Entry<String, PathItem> entry :
                document.getPaths().getPathItems().entrySet()) {
            String path = entry.getKey();
            if (path.startsWith("/admin/lock") || path.equals("/admin/remove-lock")) {
                entry.getValue().getOperations().values().forEach(AdminOpenApi::complete);
            }
        }
    }

    private static void complete(Operation operation) {
        FAILURES.forEach((status, description) -> add(operation, status, description));
        if (operation.getRequestBody() != null) {
            FAILURES_OF_BODIES.forEach((status, description) -> add(operation, status, description));
        }
    }

    private static void add(Operation operation, String status, String description) {
        if (operation.getResponses().getAPIResponse(status) != null) {
            return;
        }
        APIResponse response = OASFactory.createAPIResponse()
                .description(description)
                .content(OASFactory.createContent()
                        .addMediaType(
                                "application/json",
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref("#/components/schemas/AdminBody"))));
        if (status.equals("503")) {
            response.addHeader(
                    "Retry-After",
                    OASFactory.createHeader()
                            .description("When to ask again, in whole seconds.")
                            .schema(OASFactory.createSchema().addType(Schema.SchemaType.INTEGER)));
        }
        operation.getResponses().addAPIResponse(status, response);
    }
}
