package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.api.files.locks.LockJson.BatchBody;
import io.lockgate.api.files.locks.LockJson.GrantsPage;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.api.files.locks.LockJson.WaitersPage;
import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Recipient;
import io.lockgate.http.connection.ClientAddress;
import io.lockgate.range.CountBy;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
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
import java.util.List;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Locks of one file: take, test, free, list. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class FileLocksResource {
    private final FileLocking locks;
    private final LockAnswers answers;
    private final GrantLists lists;
    private final FilesLimits limits;
    private final GatewayInfo node;

    FileLocksResource(FileLocking locks, LockAnswers answers, GrantLists lists, FilesLimits limits, GatewayInfo node) {
        this.locks = locks;
        this.answers = answers;
        this.lists = lists;
        this.limits = limits;
        this.node = node;
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
        UnsupportedFeature.check(context);
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        PendingLock order = form(protocol, rights, snapshot, context).lock(body, "");
        return locks.acquire(rights, file, order, Recipient.of(context))
                .map(outcome -> answers.of(rights, protocol, outcome));
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
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        PendingLock order = form(protocol, rights, snapshot, context).lock(body, "");
        return locks.test(rights, file, order).map(conflict -> answers.ofTest(rights, conflict));
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
        UnsupportedFeature.check(context);
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        BatchRequestParser batch =
                BatchRequestParser.of(form(protocol, rights, snapshot, context), body, limits.batchLimit());
        return locks.batch(rights, file, batch.unlocks(), batch.locks(), Recipient.of(context))
                .map(outcome -> answers.of(rights, protocol, outcome));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{ref}/locks/{protocol}/byte-range")
    public Uni<Response> release(
            @PathParam("ref") String ref,
            @PathParam("protocol") String protocolSegment,
            @BeanParam ReleaseQuery query,
            @Context RoutingContext context) {
        UnsupportedFeature.check(context);
        FileRef file = FilesRequest.ref(context);
        LockRights rights = LockRights.forReleaseOn(
                CurrentCaller.of(context), FilesRequest.scopeOf(file), FilesFields.flag("any_owner", query.anyOwner));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        PendingUnlock order = form(protocol, rights, query.snapshot, context).unlock(query);
        return locks.release(rights, file, order, Recipient.of(context)).map(answers::of);
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
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(context));
        return locks.listed(rights, file, protocol, form)
                .chain(filter -> lists.answer(rights, filter, form, FilesRequest.path(context)));
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
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(context));
        return locks.count(rights, file, protocol, form, property)
                .map(counts -> CountAnswers.answer(context, rights, property, counts));
    }

    @GET
    @Path("/{ref}/locks/nlm/byte-range/waiters")
    public Uni<Response> waiters(
            @PathParam("ref") String ref, @BeanParam FileListQuery query, @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(context));
        return locks.exists(FilesRequest.rights(context, file), file, form)
                .map(ignored -> FilesReplies.ok(
                        new WaitersPage(List.of(), form.next(FilesRequest.path(context), form.after()))));
    }

    @GET
    @Path("/{ref}/locks/smb/share-mode")
    public Uni<Response> shareModes(
            @PathParam("ref") String ref, @BeanParam FileListQuery query, @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        ListRequest form = ListRequest.of(query, limits, FilesRequest.path(context));
        return locks.exists(FilesRequest.rights(context, file), file, form)
                .map(ignored -> FilesReplies.ok(
                        new GrantsPage(List.of(), form.next(FilesRequest.path(context), form.after()))));
    }

    private LockRequestParser form(
            Protocol protocol, LockRights rights, @Nullable String snapshot, RoutingContext context) {
        return new LockRequestParser(
                protocol,
                rights,
                snapshot,
                ClientAddress.of(context),
                () -> LockRights.maySetOwnerAddress(CurrentCaller.of(context)),
                node.address().orElseGet(() -> ClientAddress.ofGateway(context)));
    }
}
