package io.lockgate.api.courses;

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
public class CoursesOpenApi implements OASFilter {
    private static final String DOOR = "Courses";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        FailureDocs.addTo(document.getComponents(), DOOR, "CourseErrorBody");
        document.getComponents()
                .addSecurityScheme(
                        "sid",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.HEADER)
                                .name("SID"));
        document.getPaths().getPathItems().forEach((path, item) -> {
            if (Dialect.isUnder(path, "/locks")
                    || Dialect.isUnder(path, "/sessions")
                    || Dialect.isUnder(path, "/courses")) {
                item.getOperations().values().forEach(operation -> complete(path, operation));
            }
        });
    }

    private static void complete(String path, Operation operation) {
        FailureDocs.refer(operation, DOOR, false);
        operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme("sid"));
        if (path.startsWith("/courses")) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme("bearer"));
        }
    }
}
