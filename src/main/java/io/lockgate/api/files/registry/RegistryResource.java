package io.lockgate.api.files.registry;

import io.lockgate.api.files.Decimal;
import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesProblem;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.FilesTextRules;
import io.lockgate.api.files.StringsBody;
import io.lockgate.api.files.registry.RegistryJson.AttributesBody;
import io.lockgate.api.files.registry.RegistryJson.EntryBody;
import io.lockgate.api.files.registry.RegistryJson.PathBody;
import io.lockgate.api.files.registry.RegistryJson.PathsBody;
import io.lockgate.file.Attributes;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.lockgate.file.Registration;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.range.LockRights;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The file registry: register, describe, resolve. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class RegistryResource {
    private final Files files;
    private final FilesLimits limits;

    RegistryResource(Files files, FilesLimits limits) {
        this.files = files;
        this.limits = limits;
    }

    @POST
    @Cancellable(true)
    @Path("/resolve")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> resolve(StringsBody body, @Context RoutingContext context) {
        LockRights.everywhere(CurrentCaller.of(context)).requireAny();
        List<String> texts = body.items(limits.resolveLimit());
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            ids.add(Decimal.parse(texts.get(i), "[" + i + "]", FilesError.DECODE));
        }
        return files.resolve(ids).map(paths -> FilesReplies.ok(rows(context, texts, ids, paths)));
    }

    @GET
    @Path("/{ref}/info/attributes")
    public Uni<Response> attributes(@PathParam("ref") String ref, @Context RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        FilesRequest.rights(context, file).requireAny();
        return files.attributes(file).map(RegistryResource::answer);
    }

    @POST
    @Cancellable(false)
    @Path("/{ref}/entries")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> register(@PathParam("ref") String ref, EntryBody body, @Context RoutingContext context) {
        FileRef directory = FilesRequest.ref(context);
        if (!FilesRequest.rights(context, directory).acquires()) {
            throw new NotPermittedException(Permission.LOCK_ACQUIRE);
        }
        String name = FilesTextRules.id("name", FilesFields.required("name", body.name()));
        FileKind kind = kind(FilesFields.required("action", body.action()));
        return files.register(directory, name, kind).map(RegistryResource::answer);
    }

    private PathsBody rows(RoutingContext context, List<String> texts, List<Long> ids, Map<Long, FilePath> paths) {
        List<PathBody> rows = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            @Nullable FilePath path = paths.get(ids.get(i));
            rows.add(new PathBody(texts.get(i), path != null && mayKnow(context, ids.get(i), path) ? path.text() : ""));
        }
        return new PathsBody(rows);
    }

    private boolean mayKnow(RoutingContext context, long id, FilePath path) {
        return LockRights.mayKnow(CurrentCaller.of(context), new FileRef.ByPath(path))
                || LockRights.mayKnow(CurrentCaller.of(context), new FileRef.ById(id));
    }

    private static FileKind kind(String action) {
        return switch (action) {
            case "CREATE_FILE" -> FileKind.FILE;
            case "CREATE_DIRECTORY" -> FileKind.DIRECTORY;
            default -> throw ProblemException.field("action", "is neither CREATE_FILE nor CREATE_DIRECTORY");
        };
    }

    private static Response answer(Attributes outcome) {
        return switch (outcome) {
            case Attributes.Found(long id, Optional<FilePath> path, FileKind kind) -> known(id, path, kind);
            case Attributes.Unknown(FileRef ref) -> throw FilesProblemException.unknownFile(ref);
        };
    }

    private static Response answer(Registration outcome) {
        return switch (outcome) {
            case Registration.Registered registered ->
                known(
                        registered.file().id(),
                        Optional.of(registered.file().path()),
                        registered.file().kind());
            case Registration.AlreadyThere(FilePath path) ->
                FilesProblem.of(FilesError.ENTRY_EXISTS, path + " is registered already")
                        .response();
            case Registration.NoSuchParent(FileRef directory) ->
                FilesProblem.of(FilesError.NO_SUCH_PATH, "no directory is known as " + directory)
                        .response();
            case Registration.NotADirectory(FileRef directory) ->
                FilesProblem.of(FilesError.NOT_A_DIRECTORY, "field 'ref' names a file: " + directory)
                        .response();
            case Registration.BadName(String reason) ->
                FilesProblem.of(FilesError.DECODE, "field 'name' " + reason).response();
        };
    }

    private static Response known(long id, Optional<FilePath> path, FileKind kind) {
        String number = Long.toUnsignedString(id);
        String text = path.map(FilePath::text).orElse("");
        return FilesReplies.ok(new AttributesBody(
                number,
                number,
                text,
                text.substring(text.lastIndexOf('/') + 1),
                kind == FileKind.DIRECTORY ? "FS_FILE_TYPE_DIRECTORY" : "FS_FILE_TYPE_FILE",
                "0"));
    }
}
