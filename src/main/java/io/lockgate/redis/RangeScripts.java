package io.lockgate.redis;

import java.util.List;

/** The scripts of the range engine, one for each verb. */
record RangeScripts(
        LuaScript acquire,
        LuaScript test,
        LuaScript batch,
        LuaScript release,
        LuaScript drop,
        LuaScript find,
        LuaScript renew,
        LuaScript check,
        LuaScript list,
        LuaScript count,
        LuaScript held,
        LuaScript expired,
        LuaScript undo,
        LuaScript claim,
        LuaScript recall) {
    /** Read once; into the native image, when that is built. */
    private static final RangeScripts SCRIPTS = read();

    /** The table and the library use the same ones. */
    static RangeScripts load() {
        return SCRIPTS;
    }

    private static RangeScripts read() {
        return new RangeScripts(
                LuaScript.load("locks/acquire"),
                LuaScript.load("locks/test").evenWhenFull(),
                LuaScript.load("locks/batch"),
                LuaScript.load("locks/release").evenWhenFull(),
                LuaScript.load("locks/drop").evenWhenFull(),
                LuaScript.load("locks/find"),
                LuaScript.load("locks/renew").evenWhenFull(),
                LuaScript.load("locks/check").evenWhenFull(),
                LuaScript.load("locks/list"),
                LuaScript.load("locks/count"),
                LuaScript.load("locks/held"),
                LuaScript.load("locks/expired"),
                LuaScript.load("locks/undo").evenWhenFull(),
                LuaScript.load("locks/claim").evenWhenFull(),
                LuaScript.load("locks/recall"));
    }

    List<LuaScript> all() {
        return List.of(
                acquire, test, batch, release, drop, find, renew, check, list, count, held, expired, undo, claim,
                recall);
    }
}
