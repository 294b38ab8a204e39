package io.lockgate.api.files;

import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Recipient;
import io.lockgate.range.CountBy;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Locks of all files: list, count, free by client. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "locks of all files")
public class LocksResource {
    private final RangeLocks locks;
    private final GrantLists lists;
    private final FilesLimits limits;

    LocksResource(RangeLocks locks, GrantLists lists, FilesLimits limits) {
        this.locks = locks;
        this.lists = lists;
        this.limits = limits;
    }

    @GET
    @Path("/locks/{protocol}/byte-range")
    @Operation(operationId = "list", summary = "List the byte-range locks granted to a client, or to all.")
    @APIResponse(
            responseCode = "200",
            description = "A page of grants.",
            content = @Content(schema = @Schema(implementation = GrantsPage.class)))
    public Uni<Response> list(
            @PathParam("protocol") String protocolSegment,
            @BeanParam ListQuery query,
            @Context RoutingContext exchange) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(exchange));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(exchange));
        return lists.answer(rights, form.filter(protocol, rights), form, FilesRequest.path(exchange));
    }

    @GET
    @Path("/locks/{protocol}/byte-range/count")
    @Operation(operationId = "count", summary = "Count the byte-range locks granted to a client, or to all.")
    @APIResponse(
            responseCode = "200",
            description = "Counts by the chosen property.",
            content = @Content(schema = @Schema(implementation = CountsBody.class)))
    public Uni<Response> count(
            @PathParam("protocol") String protocolSegment,
            @Parameter(
                            description = "What to count by.",
                            required = true,
                            example = "owner_address",
                            schema =
                                    @Schema(
                                            type = SchemaType.STRING,
                                            enumeration = {"owner_address", "file", "mode"}))
                    @QueryParam("by")
                    @Nullable String by,
            @BeanParam ListQuery query,
            @Context RoutingContext exchange) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(exchange));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        CountBy property = CountAnswers.by(by);
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(exchange));
        return locks.count(rights, form.filter(protocol, rights), property)
                .map(counts -> CountAnswers.answer(exchange, rights, property, counts));
    }

    @DELETE
    @Cancellable(false)
    @Path("/locks/nlm/byte-range")
    @Operation(
            operationId = "releaseByClient",
            summary = "Free all nlm locks of a client.",
            description = "At least one of owner_name and owner_address must be given; both together mean both. Not"
                    + " one atomic"
                    + " step.")
    @APIResponse(responseCode = "200", description = "Free. No body.")
    public Uni<Response> releaseByClient(
            @Parameter(description = "The machine whose locks are freed.", example = "client-7")
                    @QueryParam("owner_name")
                    @Nullable String ownerName,
            @Parameter(description = "The IP address whose locks are freed.", example = "10.0.0.7")
                    @QueryParam("owner_address")
                    @Nullable String ownerAddress,
            @Parameter(
                            description = "true: for every principal. Needs PRIVILEGE_FS_LOCK_WRITE and is audited; a"
                                    + " caller who"
                                    + " holds only that permission need not say it.",
                            example = "false",
                            schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
                    @QueryParam("any_owner")
                    @Nullable String anyOwner,
            @Context RoutingContext exchange) {
        UnsupportedFeature.check(exchange);
        boolean any = LockRequestParser.flag("any_owner", anyOwner);
        LockRights rights = LockRights.forRelease(CurrentCaller.of(exchange), any);
        Optional<String> name = ListRequest.filter("owner_name", ownerName);
        Optional<String> address = ListRequest.address("owner_address", ownerAddress);
        if (name.isEmpty() && address.isEmpty()) {
            throw FilesProblemException.missing("owner_name' or 'owner_address");
        }
        GrantFilter filter =
                new GrantFilter(Protocol.NLM, Optional.empty(), address, name, Optional.empty(), Optional.empty());
        return locks.releaseByClient(rights, filter, any, Recipient.of(exchange))
                .map(ignored -> FilesAnswers.empty());
    }

    @GET
    @Path("/locks/nlm/byte-range/waiters")
    @Operation(
            operationId = "waiters",
            summary = "List who waits for a byte-range lock.",
            description = "Always empty in this version.")
    @APIResponse(
            responseCode = "200",
            description = "A page of waiting requests.",
            content = @Content(schema = @Schema(implementation = WaitersPage.class)))
    public Uni<Response> waiters(@BeanParam ListQuery query, @Context RoutingContext exchange) {
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(exchange));
        locks.requireList(LockRights.everywhere(CurrentCaller.of(exchange)), form.mine());
        return Uni.createFrom()
                .item(FilesAnswers.ok(
                        new WaitersPage(List.of(), form.next(FilesRequest.path(exchange), form.after()))));
    }

    @GET
    @Path("/locks/smb/share-mode")
    @Operation(
            operationId = "shareModes",
            summary = "List the share-mode locks.",
            description = "Always empty: nothing here takes share modes.")
    @APIResponse(
            responseCode = "200",
            description = "A page of grants.",
            content = @Content(schema = @Schema(implementation = GrantsPage.class)))
    public Uni<Response> shareModes(@BeanParam ListQuery query, @Context RoutingContext exchange) {
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(exchange));
        locks.requireList(LockRights.everywhere(CurrentCaller.of(exchange)), form.mine());
        return Uni.createFrom()
                .item(FilesAnswers.ok(new GrantsPage(List.of(), form.next(FilesRequest.path(exchange), form.after()))));
    }
}
