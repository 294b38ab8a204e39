package io.lockgate.redis;

import java.util.List;

/** The scripts of the queues, one for each verb. */
record QueueScripts(
        LuaScript poll,
        LuaScript place,
        LuaScript confirm,
        LuaScript leave,
        LuaScript serve,
        LuaScript due,
        LuaScript waiters,
        LuaScript waitersOf,
        LuaScript waitsFor) {
    /** Read once; into the native image, when that is built. */
    private static final QueueScripts SCRIPTS = read();

    static QueueScripts load() {
        return SCRIPTS;
    }

    private static QueueScripts read() {
        return new QueueScripts(
                LuaScript.load("queue/poll").evenWhenFull(),
                LuaScript.load("queue/place").evenWhenFull(),
                LuaScript.load("queue/confirm").evenWhenFull(),
                LuaScript.load("queue/leave").evenWhenFull(),
                LuaScript.load("queue/serve").evenWhenFull(),
                LuaScript.load("queue/waiting-due"),
                LuaScript.load("queue/waiters"),
                LuaScript.load("queue/waiters-of"),
                LuaScript.load("queue/waits-for"));
    }

    List<LuaScript> all() {
        return List.of(poll, place, confirm, leave, serve, due, waiters, waitersOf, waitsFor);
    }
}
