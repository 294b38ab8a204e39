package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.ProblemException;
import io.lockgate.range.CountBy;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.Release;
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
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Byte ranges of all files: list, count, release by client. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class LocksResource {
    private final RangeLocks locks;
    private final LockAnswers answers;
    private final GrantLists lists;
    private final FilesLimits limits;

    LocksResource(RangeLocks locks, LockAnswers answers, GrantLists lists, FilesLimits limits) {
        this.locks = locks;
        this.answers = answers;
        this.lists = lists;
        this.limits = limits;
    }

    @GET
    @Path("/locks/{protocol}/byte-range")
    public Uni<Response> list(
            @PathParam("protocol") String protocolSegment,
            @BeanParam ListQuery query,
            @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return lists.answer(rights, request.filter(protocol, rights), request, FilesRequest.path(context));
    }

    @GET
    @Path("/locks/{protocol}/byte-range/count")
    public Uni<Response> count(
            @PathParam("protocol") String protocolSegment,
            @QueryParam("by") @Nullable String by,
            @BeanParam ListQuery query,
            @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        CountBy property = CountAnswers.by(by);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return locks.count(rights, request.filter(protocol, rights), property)
                .map(counts -> CountAnswers.answer(context, rights, property, counts));
    }

    @DELETE
    @Cancellable(false)
    @Path("/locks/nlm/byte-range")
    public Uni<Response> releaseByClient(
            @QueryParam("owner_name") @Nullable String ownerName,
            @QueryParam("owner_address") @Nullable String ownerAddress,
            @QueryParam("any_owner") @Nullable String anyOwner,
            @QueryParam(ReleaseQuery.RETURN) @Nullable String answer,
            @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        boolean any = FilesFields.flag("any_owner", anyOwner);
        boolean returnsGrants = ReleaseQuery.returnsGrants(answer);
        LockRights rights = LockRights.forRelease(CurrentCaller.of(context), any);
        Optional<String> name = ListRequest.filter("owner_name", ownerName);
        Optional<String> address = ListRequest.address("owner_address", ownerAddress);
        if (name.isEmpty() && address.isEmpty()) {
            throw ProblemException.missing("owner_name' or 'owner_address");
        }
        GrantFilter filter =
                new GrantFilter(Protocol.NLM, Optional.empty(), address, name, Optional.empty(), Optional.empty());
        return locks.once(key)
                .releaseByClient(rights, filter, any, HttpRecipient.of(context))
                .map(count -> answers.of(rights, new Release.Released(count), returnsGrants));
    }

    @GET
    @Path("/locks/{protocol}/byte-range/waiters")
    public Uni<Response> waiters(
            @PathParam("protocol") String protocolSegment,
            @BeanParam ListQuery query,
            @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return lists.waiters(rights, request.filter(protocol, rights), request, FilesRequest.path(context));
    }
}
