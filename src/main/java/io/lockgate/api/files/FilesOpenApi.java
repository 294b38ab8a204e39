package io.lockgate.api.files;

import io.lockgate.http.FailureDocs;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jspecify.annotations.Nullable;

/** Adds to the document what holds for every operation of this door: its failures, and what {@code ref} means. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class FilesOpenApi implements OASFilter {
    /** Operations that count as requests of their caller, but for those that have a 429 of their own already. */
    private static final Set<String> COUNTED = Set.of("test", "list", "listOfFile", "count", "countOfFile");

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        components(document);
        for (Map.Entry<String, PathItem> path :
                document.getPaths().getPathItems().entrySet()) {
            if (path.getKey().startsWith("/v1/")) {
                path.getValue().getOperations().forEach((method, operation) -> complete(path.getKey(), operation));
            }
        }
    }

    private static void components(OpenAPI document) {
        var components = document.getComponents();
        components.addResponse(
                "Conflict",
                failure(
                        "The range conflicts with a lock of another owner; conflict says with what, and what is free. A"
                                + " retry can help after Retry-After, when it is there.",
                        true));
        components.addResponse(
                "TooMany",
                failure(
                        "fs_too_many_locks_error: the owner holds as many ranges of this file, or the caller as many locks in"
                                + " its bucket, as one may. http_too_many_requests_error: the caller has as many requests"
                                + " under way as one may.",
                        true));
        components.addResponse(
                "TooManyRequests", failure("The caller has as many requests under way as one may.", true));
        components.addResponse(
                "Lost",
                failure(
                        "The lock has ended (fs_lock_lost_error) or takes no lease (fs_lock_not_leased_error).",
                        false));
        components.addResponse("EntryExists", failure("The entry is registered already.", false));
        components.addResponse("Bad", failure("The request is wrong; description names the field.", false));
        components.addResponse("NotAuthenticated", failure("The credential is missing or not valid.", false));
        components.addResponse("TooManyLogins", failure("Too many attempts to log in.", true));
        components.addSecurityScheme(
                "bearer",
                OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP).scheme("bearer"));
        components.addResponse("NotPermitted", failure("The caller lacks a permission; description names it.", false));
        components.addResponse(
                "NotFound",
                failure(
                        "There is no such path, file or lock, or none that the caller may see; error_class says which.",
                        false));
        components.addResponse("TooLarge", failure("The body is too large.", false));
        components.addResponse("NotJson", failure("The body is not application/json.", false));
        components.addResponse("Failed", failure("The gateway failed.", false));
        components.addResponse(
                "Unavailable",
                failure(
                        "A store does not answer. With outcome unknown the call may have happened all the same; it is safe to"
                                + " repeat.",
                        true));
    }

    private static APIResponse failure(String description, boolean retryAfter) {
        return FailureDocs.failure("ErrorBody", description, retryAfter);
    }

    private static void complete(String path, Operation operation) {
        var responses = operation.getResponses();
        operation.addServer(OASFactory.createServer().url("/"));
        operation.addServer(
                OASFactory.createServer().url("/api").description("The same again, for clients that come this way."));
        FailureDocs.refer(operation, "400", "Bad");
        FailureDocs.refer(operation, "500", "Failed");
        if (path.equals("/v1/session/login")) {
            FailureDocs.refer(operation, "401", "NotAuthenticated");
            FailureDocs.refer(operation, "429", "TooManyLogins");
            FailureDocs.refer(operation, "503", "Unavailable");
        } else if (!path.equals("/v1/version")) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme("bearer"));
            FailureDocs.refer(operation, "401", "NotAuthenticated");
            FailureDocs.refer(operation, "403", "NotPermitted");
            FailureDocs.refer(operation, "404", "NotFound");
            FailureDocs.refer(operation, "503", "Unavailable");
        }
        if (COUNTED.contains(operation.getOperationId())) {
            FailureDocs.refer(operation, "429", "TooManyRequests");
        }
        if (operation.getRequestBody() != null) {
            FailureDocs.refer(operation, "413", "TooLarge");
            FailureDocs.refer(operation, "415", "NotJson");
            operation.getRequestBody().setRequired(true);
        }
        if (responses.getAPIResponse("200") != null
                && responses.getAPIResponse("200").getContent() == null) {
            responses.getAPIResponse("200").setDescription("Done. The answer has no body and Content-Length 0.");
        }
        @Nullable List<Parameter> parameters = operation.getParameters();
        if (parameters != null) {
            parameters.forEach(FilesOpenApi::complete);
        }
    }

    private static void complete(Parameter parameter) {
        if (parameter.getIn() != Parameter.In.PATH) {
            return;
        }
        if ("ref".equals(parameter.getName())) {
            parameter.setDescription(
                    "The file: its id, unsigned 64-bit in decimal, or its absolute path, percent-encoded into"
                            + " one segment (/a b is %2Fa%20b).");
            parameter.setExample("4000201");
        } else if ("protocol".equals(parameter.getName())) {
            parameter.setDescription("nlm and nfs4 see each other's locks; smb has rules and locks of its own.");
            parameter.setExample("nlm");
            parameter.setSchema(OASFactory.createSchema()
                    .addType(Schema.SchemaType.STRING)
                    .enumeration(List.of("nlm", "nfs4", "smb")));
        }
    }
}
