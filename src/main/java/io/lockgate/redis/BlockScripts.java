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
    /** Read once; into the native image, when that is built. */
    private static final BlockScripts SCRIPTS = read();

    static BlockScripts load() {
        return SCRIPTS;
    }

    private static BlockScripts read() {
        return new BlockScripts(
                LuaScript.load("reports/blocks-reports"),
                LuaScript.load("reports/blocks-page"),
                LuaScript.load("reports/blocks-stage"),
                LuaScript.load("reports/blocks-put"),
                LuaScript.load("reports/blocks-patch"),
                LuaScript.load("reports/blocks-delete").evenWhenFull(),
                LuaScript.load("reports/blocks-due"),
                LuaScript.load("reports/blocks-sweep").evenWhenFull());
    }
}
