package io.lockgate.door.accounts;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Adds to the document how the admin door and the courses door fail, and what credential they want. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class AccountsOpenApi implements OASFilter {
    private static final List<String> FAILURES = List.of("400", "401", "403", "404", "500", "503");
    private static final List<String> ADMIN_ROOTS = List.of("/admin", "/auth");
    private static final List<String> COURSES_ROOTS = List.of("/locks", "/sessions", "/courses");

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        document.getComponents()
                .addSecurityScheme(
                        "refreshToken",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.COOKIE)
                                .name("refreshToken"));
        document.getComponents()
                .addSecurityScheme(
                        "sid",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.HEADER)
                                .name("SID"));
        for (Map.Entry<String, PathItem> path :
                document.getPaths().getPathItems().entrySet()) {
            boolean admin = ADMIN_ROOTS.stream().anyMatch(root -> ShapedGuard.isUnder(path.getKey(), root));
            boolean courses = COURSES_ROOTS.stream().anyMatch(root -> ShapedGuard.isUnder(path.getKey(), root));
            if (admin || courses) {
                boolean open = path.getKey().equals("/auth/login");
                path.getValue().getOperations().values().forEach(operation -> complete(operation, admin, open));
            }
        }
    }

    private static void complete(Operation operation, boolean admin, boolean open) {
        Shape shape = admin ? Shape.ADMIN : Shape.COURSES;
        String schema = "#/components/schemas/" + (admin ? "AdminReply" : "CoursesFailure");
        for (String status : FAILURES) {
            if (operation.getResponses().getAPIResponse(status) == null) {
                operation
                        .getResponses()
                        .addAPIResponse(
                                status,
                                OASFactory.createAPIResponse()
                                        .description(shape.words(Integer.parseInt(status)))
                                        .content(OASFactory.createContent()
                                                .addMediaType(
                                                        "application/json",
                                                        OASFactory.createMediaType()
                                                                .schema(OASFactory.createSchema()
                                                                        .ref(schema)))));
            }
        }
        if (!open) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme(admin ? "refreshToken" : "sid"));
        }
    }
}
