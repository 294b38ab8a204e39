package io.lockgate.postgres;

import io.vertx.core.Context;
import io.vertx.pgclient.PgConnection;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the notifications of {@code wake_lock_waiters} over a connection beside the pool. It is open while {@link
 * #keepUp} is called from time to time: each call opens it when it is not there, and asks it something, so that a server
 * that went silent is noticed ({@code lockgate.postgres.dead-after}). Notifications can be lost; whoever needs them asks
 * the table as well.
 *
 * <p>Used on one context alone, where it also tells what it hears.
 */
final class LockNotifications {
    private static final Logger LOG = Logger.getLogger(LockNotifications.class);
    private static final String NAME = "lockgate-notifications";
    private static final String LISTEN = "LISTEN lockgate_lock_waiters";

    private final BoundedPool servers;
    private final Context context;
    private final Consumer<String> told;
    private final Runnable up;

    private @Nullable PgConnection connection;
    private boolean isUp;
    private boolean connecting;
    private boolean asking;
    private boolean wanted;
    private int server;

    /**
     * @param told gets the payload of each notification
     * @param up runs when it begins to listen: what was notified before is lost
     */
    LockNotifications(BoundedPool servers, Context context, Consumer<String> told, Runnable up) {
        this.servers = servers;
        this.context = context;
        this.told = told;
        this.up = up;
    }

    boolean isUp() {
        return isUp;
    }

    void keepUp() {
        wanted = true;
        @Nullable PgConnection current = connection;
        if (current == null) {
            open();
        } else if (isUp && !asking) {
            ask(current);
        }
    }

    private void ask(PgConnection given) {
        asking = true;
        given.query("SELECT 1")
                .execute()
                .onComplete(answered -> context.runOnContext(here -> {
                    asking = false;
                    if (answered.failed()) {
                        drop(given);
                    }
                }));
    }

    void close() {
        wanted = false;
        @Nullable PgConnection current = connection;
        if (current != null) {
            drop(current);
        }
    }

    private void open() {
        if (connecting) {
            return;
        }
        connecting = true;
        // One after the other: of several servers one is the primary, and a standby refuses LISTEN.
        servers.connectAlone(NAME, server++)
                .onComplete(opened -> context.runOnContext(here -> {
                    connecting = false;
                    if (opened.failed()) {
                        LOG.debugf(
                                "cannot listen to Postgres: %s", opened.cause().getMessage());
                    } else if (wanted) {
                        listen(opened.result());
                    } else {
                        opened.result().close();
                    }
                }));
    }

    private void listen(PgConnection opened) {
        connection = opened;
        // Without it the driver prints a stack trace when Postgres ends the connection.
        opened.exceptionHandler(failure -> LOG.debugf("listening to Postgres: %s", failure.getMessage()));
        opened.closeHandler(closed -> context.runOnContext(here -> forget(opened)));
        opened.notificationHandler(
                notification -> context.runOnContext(here -> told.accept(notification.getPayload())));
        opened.query(LISTEN)
                .execute()
                .onComplete(listening -> context.runOnContext(here -> {
                    if (listening.failed()) {
                        LOG.debugf(
                                "Postgres does not let listen: %s",
                                listening.cause().getMessage());
                        drop(opened);
                    } else if (isCurrent(opened)) {
                        isUp = true;
                        up.run();
                    }
                }));
    }

    private void drop(PgConnection given) {
        forget(given);
        given.close().onFailure(failure -> LOG.debugf("closing: %s", failure.getMessage()));
    }

    private void forget(PgConnection given) {
        if (isCurrent(given)) {
            connection = null;
            isUp = false;
            asking = false;
        }
    }

    @SuppressWarnings("ReferenceEquality") // This very connection.
    private boolean isCurrent(PgConnection given) {
        return connection == given;
    }
}
