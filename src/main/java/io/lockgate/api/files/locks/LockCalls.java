package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.connection.ClientAddress;
import io.lockgate.range.FileLocks;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockType;
import io.lockgate.range.Protocol;
import io.lockgate.range.queue.QueuedLocks;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the calls of byte ranges and of opens on one file have in common. */
@Singleton
final class LockCalls {
    private final FileLocks fileLocks;
    private final QueuedLocks queuedLocks;
    private final LockAnswers answers;
    private final GatewayInfo node;

    LockCalls(FileLocks fileLocks, QueuedLocks queuedLocks, LockAnswers answers, GatewayInfo node) {
        this.fileLocks = fileLocks;
        this.queuedLocks = queuedLocks;
        this.answers = answers;
        this.node = node;
    }

    /** @param protocolSegment of the path */
    Uni<Response> acquire(
            LockType type, String protocolSegment, @Nullable String snapshot, LockBody body, RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        LockRequestParser parser = parser(protocol, rights, snapshot, context);
        InStream<LockSpec> lock = parser.lock(type, body, "");
        Duration wait = LockRequestParser.waitTime(body);
        parser.requireOwnAddress(lock.spec());
        HttpRecipient client = HttpRecipient.of(context);
        if (wait.isZero()) {
            return fileLocks
                    .once(key)
                    .acquire(rights, file, lock.stream(), lock.spec(), client)
                    .map(outcome -> answers.of(rights, protocol, LockAnswers.outcome(outcome)));
        }
        LockRights elsewhere = LockRights.ofOwnLocks(CurrentCaller.of(context));
        return queuedLocks
                .once(key)
                .acquire(rights, file, lock.stream(), lock.spec(), wait, client)
                .map(answer ->
                        answers.of(rights, elsewhere, LockAnswers.outcome(answer), FilesRequest.prefix(context)));
    }

    /** @param protocolSegment of the path */
    Uni<Response> test(
            LockType type, String protocolSegment, @Nullable String snapshot, LockBody body, RoutingContext context) {
        FileRef file = FilesRequest.ref(context);
        LockRights rights = FilesRequest.rights(context, file);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        LockRequestParser parser = parser(protocol, rights, snapshot, context);
        InStream<LockSpec> lock = parser.lock(type, body, "");
        LockRequestParser.refuseWaitTime(body, "");
        parser.requireOwnAddress(lock.spec());
        return fileLocks
                .test(rights, file, lock.stream(), lock.spec())
                .map(conflict -> answers.ofTest(rights, LockAnswers.outcome(conflict)));
    }

    /** The file of a list. */
    Uni<Long> fileId(LockRights rights, FileRef file, ListRequest request) {
        return fileLocks.idForList(rights, file, request.mine()).map(LockAnswers::outcome);
    }

    LockRequestParser parser(Protocol protocol, LockRights rights, @Nullable String snapshot, RoutingContext context) {
        return new LockRequestParser(
                protocol,
                rights,
                snapshot,
                ClientAddress.of(context),
                () -> LockRights.maySetOwnerAddress(CurrentCaller.of(context)),
                node.address().orElseGet(() -> ClientAddress.ofGateway(context)));
    }
}
