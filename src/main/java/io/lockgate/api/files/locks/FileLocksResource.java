package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.api.files.locks.LockJson.BatchBody;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.CountBy;
import io.lockgate.range.FileLocks;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockType;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.UnlockSpec;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
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

/** Byte ranges of one file: acquire, test, release, list. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class FileLocksResource {
    private final FileLocks fileLocks;
    private final RangeLocks rangeLocks;
    private final LockCalls calls;
    private final LockAnswers answers;
    private final GrantLists lists;
    private final FilesLimits limits;

    FileLocksResource(
            FileLocks fileLocks,
            RangeLocks rangeLocks,
            LockCalls calls,
            LockAnswers answers,
            GrantLists lists,
            FilesLimits limits) {
        this.fileLocks = fileLocks;
        this.rangeLocks = rangeLocks;
        this.calls = calls;
        this.answers = answers;
        this.lists = lists;
        this.limits = limits;
    }

    @POST
    @Cancellable(false)
    @Path("/{ref}/locks/{protocol}/byte-range")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> acquire(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @QueryParam("snapshot") @Nullable String snapshot,
            LockBody body,
            @Context RoutingContext context) {
        return calls.acquire(LockType.BYTE_RANGE, protocolSegment, snapshot, body, context);
    }

    @POST
    @Cancellable(true)
    @Path("/{ref}/locks/{protocol}/byte-range/test")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> test(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @QueryParam("snapshot") @Nullable String snapshot,
            LockBody body,
            @Context RoutingContext context) {
        return calls.test(LockType.BYTE_RANGE, protocolSegment, snapshot, body, context);
    }

    @POST
    @Cancellable(false)
    @Path("/{ref}/locks/{protocol}/byte-range/batch")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> batch(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @QueryParam("snapshot") @Nullable String snapshot,
            BatchBody body,
            @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        BatchRequest batch =
                BatchRequest.of(calls.parser(protocol, rights, snapshot, context), body, limits.batchLimit());
        return fileLocks
                .once(key)
                .batch(rights, file, batch.stream(), batch.unlocks(), batch.locks(), HttpRecipient.of(context))
                .map(outcome -> answers.of(rights, protocol, LockAnswers.outcome(outcome)));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{ref}/locks/{protocol}/byte-range")
    public Uni<Response> release(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @BeanParam ReleaseQuery query,
            @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        FileRef file = FilesRequest.ref(context);
        boolean anyOwner = FilesFields.flag("any_owner", query.anyOwner);
        boolean returnsGrants = ReleaseQuery.returnsGrants(query.answer);
        LockRights rights = LockRights.forReleaseOn(CurrentCaller.of(context), file, anyOwner);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        LockRequestParser parser = calls.parser(protocol, rights, query.snapshot, context);
        InStream<UnlockSpec> unlock = parser.unlock(query.asSent(context));
        return fileLocks
                .once(key)
                .release(rights, file, unlock.stream(), unlock.spec(), anyOwner, HttpRecipient.of(context))
                .map(outcome -> answers.of(rights, LockAnswers.outcome(outcome), returnsGrants));
    }

    @GET
    @Path("/{ref}/locks/{protocol}/byte-range")
    public Uni<Response> list(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @BeanParam FileListQuery query,
            @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return calls.fileId(rights, file, request)
                .chain(id -> lists.answer(
                        rights, request.filter(protocol, rights, id), request, FilesRequest.path(context)));
    }

    @GET
    @Path("/{ref}/locks/{protocol}/byte-range/count")
    public Uni<Response> count(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @QueryParam("by") @Nullable String by,
            @BeanParam FileListQuery query,
            @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        CountBy property = CountAnswers.by(by);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return calls.fileId(rights, file, request)
                .chain(id -> rangeLocks.count(rights, request.filter(protocol, rights, id), property))
                .map(counts -> CountAnswers.answer(context, rights, property, counts));
    }

    @GET
    @Path("/{ref}/locks/{protocol}/byte-range/waiters")
    public Uni<Response> waiters(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @BeanParam FileListQuery query,
            @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return calls.fileId(rights, file, request)
                .chain(id -> lists.waiters(
                        rights, request.filter(protocol, rights, id), request, FilesRequest.path(context)));
    }
}
