package io.lockgate.redis;

import java.util.List;

/** The scripts of those who listen to events. */
record EventScripts(LuaScript listen, LuaScript read) {
    private static final EventScripts SCRIPTS =
            new EventScripts(LuaScript.load("events/listen"), LuaScript.load("events/read"));

    /** Read once: the log and the library use the same ones. */
    static EventScripts load() {
        return SCRIPTS;
    }

    List<LuaScript> all() {
        return List.of(listen, read);
    }
}
