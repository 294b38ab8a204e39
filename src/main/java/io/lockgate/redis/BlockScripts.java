package io.lockgate.redis;

/** The scripts of the distribution map. */
record BlockScripts(
        LuaScript reports,
        LuaScript page,
        LuaScript stage,
        LuaScript put,
        LuaScript patch,
        LuaScript delete,
        LuaScript due,
        LuaScript sweep) {
    static BlockScripts load() {
        return new BlockScripts(
                LuaScript.load("blocks-reports"),
                LuaScript.load("blocks-page"),
                LuaScript.load("blocks-stage"),
                LuaScript.load("blocks-put"),
                LuaScript.load("blocks-patch"),
                LuaScript.load("blocks-delete").evenWhenFull(),
                LuaScript.load("blocks-due"),
                LuaScript.load("blocks-sweep").evenWhenFull());
    }
}
