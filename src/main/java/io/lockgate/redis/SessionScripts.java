package io.lockgate.redis;

import java.util.List;

/** The scripts of client sessions: at home, in a bucket that a session uses, and for the sweeps of both. */
record SessionScripts(
        LuaScript open,
        LuaScript home,
        LuaScript register,
        LuaScript renew,
        LuaScript end,
        LuaScript list,
        LuaScript enter,
        LuaScript extend,
        LuaScript bury,
        LuaScript due,
        LuaScript rows,
        LuaScript settle) {
    private static final SessionScripts SCRIPTS = read();

    /** Read once: the table and the library use the same ones. */
    static SessionScripts load() {
        return SCRIPTS;
    }

    private static SessionScripts read() {
        LuaScript copy = LuaScript.load("sessions/session-copy");
        return new SessionScripts(
                LuaScript.load("sessions/session-open"),
                LuaScript.load("sessions/session-home"),
                LuaScript.load("sessions/session-register"),
                LuaScript.load("sessions/session-renew").evenWhenFull(),
                LuaScript.load("sessions/session-end").evenWhenFull(),
                LuaScript.load("sessions/session-list"),
                copy,
                copy.evenWhenFull(),
                LuaScript.load("sessions/session-bury").evenWhenFull(),
                LuaScript.load("sessions/session-due"),
                LuaScript.load("sessions/session-rows"),
                LuaScript.load("sessions/session-settle").evenWhenFull());
    }

    /** Those that a heartbeat runs, which are functions of the library like the scripts of the lock table. */
    List<LuaScript> ofHeartbeats() {
        return List.of(home, renew, extend);
    }
}
