package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.api.files.locks.LockRequestParser.OpenRelease;
import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.FileLocks;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockType;
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
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Opens of SMB, by their share modes: acquire, test, release, list. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class OpensResource {
    private static final String SMB = "smb";

    private final FileLocks fileLocks;
    private final LockCalls calls;
    private final LockAnswers answers;
    private final GrantLists lists;
    private final FilesLimits limits;

    OpensResource(FileLocks fileLocks, LockCalls calls, LockAnswers answers, GrantLists lists, FilesLimits limits) {
        this.fileLocks = fileLocks;
        this.calls = calls;
        this.answers = answers;
        this.lists = lists;
        this.limits = limits;
    }

    @POST
    @Cancellable(false)
    @Path("/{ref}/locks/smb/share-mode")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> acquire(
            @PathParam("ref") String ref,
            @QueryParam("snapshot") @Nullable String snapshot,
            LockBody body,
            @Context RoutingContext context) {
        return calls.acquire(LockType.SHARE_MODE, SMB, snapshot, body, context);
    }

    @POST
    @Cancellable(true)
    @Path("/{ref}/locks/smb/share-mode/test")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> test(
            @PathParam("ref") String ref,
            @QueryParam("snapshot") @Nullable String snapshot,
            LockBody body,
            @Context RoutingContext context) {
        return calls.test(LockType.SHARE_MODE, SMB, snapshot, body, context);
    }

    @DELETE
    @Cancellable(false)
    @Path("/{ref}/locks/smb/share-mode")
    public Uni<Response> release(
            @PathParam("ref") String ref, @BeanParam OpenReleaseQuery query, @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        FileRef file = FilesRequest.ref(context);
        boolean anyOwner = FilesFields.flag("any_owner", query.anyOwner);
        boolean returnsGrants = ReleaseQuery.returnsGrants(query.answer);
        LockRights rights = LockRights.forReleaseOn(CurrentCaller.of(context), file, anyOwner);
        InStream<OpenRelease> opens =
                calls.parser(Protocol.SMB, rights, query.snapshot, context).openRelease(query.asSent(context));
        return fileLocks
                .once(key)
                .releaseOpens(
                        rights,
                        file,
                        opens.stream(),
                        opens.spec().ownerId(),
                        opens.spec().only(),
                        anyOwner,
                        HttpRecipient.of(context))
                .map(outcome -> answers.of(rights, LockAnswers.outcome(outcome), returnsGrants));
    }

    @GET
    @Path("/{ref}/locks/smb/share-mode")
    public Uni<Response> list(
            @PathParam("ref") String ref, @BeanParam FileListQuery query, @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return calls.fileId(rights, file, request)
                .chain(id -> lists.answer(rights, filter(request, rights, id), request, FilesRequest.path(context)));
    }

    @GET
    @Path("/{ref}/locks/smb/share-mode/waiters")
    public Uni<Response> waiters(
            @PathParam("ref") String ref, @BeanParam FileListQuery query, @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return calls.fileId(rights, file, request)
                .chain(id -> lists.waiters(rights, filter(request, rights, id), request, FilesRequest.path(context)));
    }

    @GET
    @Path("/locks/smb/share-mode")
    public Uni<Response> listAll(@BeanParam ListQuery query, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return lists.answer(rights, filter(request, rights), request, FilesRequest.path(context));
    }

    @GET
    @Path("/locks/smb/share-mode/waiters")
    public Uni<Response> allWaiters(@BeanParam ListQuery query, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        ListRequest request = ListRequest.of(query, limits, FilesRequest.path(context));
        return lists.waiters(rights, filter(request, rights), request, FilesRequest.path(context));
    }

    private static GrantFilter filter(ListRequest request, LockRights rights) {
        return request.filter(Protocol.SMB, rights).ofType(LockType.SHARE_MODE);
    }

    private static GrantFilter filter(ListRequest request, LockRights rights, long fileId) {
        return request.filter(Protocol.SMB, rights, fileId).ofType(LockType.SHARE_MODE);
    }
}
