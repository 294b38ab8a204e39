package io.lockgate.api.admin;

import io.lockgate.http.Dialect;
import io.lockgate.http.FailureDocs;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Adds to the document what holds for every operation of this door: its failures, and what credential it wants. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class AdminOpenApi implements OASFilter {
    private static final String DOOR = "Admin";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        FailureDocs.addTo(document.getComponents(), DOOR, "AdminBody");
        document.getComponents()
                .addSecurityScheme(
                        "refreshToken",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.COOKIE)
                                .name("refreshToken"));
        document.getComponents()
                .addResponse(
                        "AdminTooManyLogins", FailureDocs.failure("AdminBody", "Too many attempts to log in.", true));
        document.getPaths().getPathItems().forEach((path, item) -> {
            if (Dialect.isUnder(path, "/admin") || Dialect.isUnder(path, "/auth")) {
                item.getOperations().values().forEach(operation -> complete(path, operation));
            }
        });
    }

    private static void complete(String path, Operation operation) {
        boolean login = path.equals("/auth/login");
        FailureDocs.refer(operation, DOOR, login);
        if (login) {
            FailureDocs.refer(operation, "429", "AdminTooManyLogins");
        } else {
            // Either of the two; with both, the cookie decides.
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme("refreshToken"));
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme("bearer"));
        }
    }
}
