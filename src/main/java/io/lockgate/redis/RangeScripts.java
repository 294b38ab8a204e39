package io.lockgate.redis;

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
        LuaScript expired,
        LuaScript undo) {
    static RangeScripts load() {
        return new RangeScripts(
                LuaScript.load("acquire"),
                LuaScript.load("test").evenWhenFull(),
                LuaScript.load("batch"),
                LuaScript.load("release").evenWhenFull(),
                LuaScript.load("drop").evenWhenFull(),
                LuaScript.load("find"),
                LuaScript.load("renew").evenWhenFull(),
                LuaScript.load("check").evenWhenFull(),
                LuaScript.load("list"),
                LuaScript.load("count"),
                LuaScript.load("expired"),
                LuaScript.load("undo").evenWhenFull());
    }
}
