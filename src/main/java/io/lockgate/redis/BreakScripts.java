package io.lockgate.redis;

import java.util.List;

/** The scripts that break locks. */
record BreakScripts(
        LuaScript look, LuaScript breakLock, LuaScript announce, LuaScript broken, LuaScript undo, LuaScript due) {
    /** Read once; into the native image, when that is built. */
    private static final BreakScripts SCRIPTS = read();

    static BreakScripts load() {
        return SCRIPTS;
    }

    private static BreakScripts read() {
        return new BreakScripts(
                LuaScript.load("breaks/look"),
                LuaScript.load("breaks/break").evenWhenFull(),
                LuaScript.load("breaks/announce"),
                LuaScript.load("breaks/broken"),
                LuaScript.load("breaks/undo-break"),
                LuaScript.load("breaks/break-due").evenWhenFull());
    }

    List<LuaScript> all() {
        return List.of(look, breakLock, announce, broken, undo, due);
    }
}
