package io.lockgate.api.distribution;

import io.lockgate.http.Dialect;
import io.lockgate.http.FailureDocs;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jspecify.annotations.Nullable;

/** Adds to the document what holds for every operation of this door: its failures, and what credential it wants. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class DistributionOpenApi implements OASFilter {
    private static final String DOOR = "Distribution";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getPaths() == null || document.getPaths().getPathItems() == null) {
            return;
        }
        FailureDocs.addTo(document.getComponents(), DOOR, "DistributionError");
        document.getComponents()
                .addResponse(
                        "DistributionMismatch",
                        FailureDocs.failure(
                                "DistributionError", "The report is not what If-Match or If-None-Match says.", false));
        document.getComponents()
                .addResponse(
                        "DistributionTooManyRequests",
                        FailureDocs.failure(
                                "DistributionError", "The caller has as many requests under way as one may.", true));
        document.getComponents()
                .addSecurityScheme(
                        "authToken",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.HEADER)
                                .name("X-Auth-Token"));
        document.getPaths().getPathItems().forEach((path, item) -> {
            if (Dialect.isUnder(path, "/data") || Dialect.isUnder(path, "/api/v3")) {
                item.getOperations().values().forEach(DistributionOpenApi::complete);
            }
        });
    }

    private static void complete(Operation operation) {
        FailureDocs.refer(operation, DOOR, false);
        FailureDocs.refer(operation, "429", "DistributionTooManyRequests");
        if (!operation.getOperationId().startsWith("distribution")) {
            FailureDocs.refer(operation, "412", "DistributionMismatch");
        }
        if (!operation.getOperationId().startsWith("distribution")) {
            operation.addParameter(
                    header("If-Match", "Change the report only if its ETag is one of these; * for any report."));
            operation.addParameter(header("If-None-Match", "Only *: change the report only if there is none."));
        } else {
            operation.addParameter(header("If-None-Match", "304 if the ETag is one of these."));
        }
        for (String scheme : List.of("authToken", "bearer")) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme(scheme));
        }
        @Nullable List<Parameter> parameters = operation.getParameters();
        if (parameters != null) {
            parameters.forEach(DistributionOpenApi::complete);
        }
    }

    private static Parameter header(String name, String description) {
        return OASFactory.createParameter()
                .name(name)
                .in(Parameter.In.HEADER)
                .description(description)
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
    }

    private static void complete(Parameter parameter) {
        switch (parameter.getName()) {
            case "id" ->
                parameter
                        .description("Id of the file, percent-encoded into one segment.")
                        .example("4000201");
            case "providerId" ->
                parameter
                        .description("Id of the provider, percent-encoded into one segment.")
                        .example("57ecb305-a097-4243-bd03-a995e78ab206");
            default -> {}
        }
    }
}
