package io.lockgate.redis;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a script as a part of a function library: a block of Lua that registers one function. A script defines
 * its functions again in each call; a library defines them once, when Redis loads it. So the outermost locals of the
 * script become locals of the block, and are set again at the head of each call:
 *
 * <ul>
 *   <li>{@code local function}: defined once.
 *   <li>{@code local NAME = 'text'}, a constant in capitals: defined once.
 *   <li>{@code local sub = string.sub}: fetched by the first call.
 *   <li>any other local of a part: declared by the block, set by each call before the script's own lines run.
 *   <li>any other local of the script itself: the same if a function behind it uses it, else it stays where it is.
 * </ul>
 *
 * What stands in a function is left as it is, parts included there too. A line belongs to the outermost block when it
 * is not indented and does not close anything, as the scripts are formatted.
 */
final class LuaFunction {
    private static final Pattern CLOSES = Pattern.compile("^(?:end\\b|else|until\\b|[})\\]]).*", Pattern.DOTALL);
    private static final Pattern FUNCTION = Pattern.compile("^local function (\\w+)");
    private static final Pattern LOCAL = Pattern.compile("^local ([\\w, ]+?)\\s*(?:=\\s*(.*))?", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("^(local [\\w, ]+?)\\s*--.*");
    private static final Pattern CAPITALS = Pattern.compile("[A-Z][A-Z0-9_, ]*");
    private static final Pattern LITERALS = Pattern.compile("(?:(?:'[^']*'|\\d+)(?:,\\s*)?)+");
    private static final Pattern LIBRARY = Pattern.compile("(?:(?:string|math|table)\\.\\w+(?:,\\s*)?)+");
    private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

    /** A statement of the outermost block, with all its lines. */
    private record Item(String file, String text) {
        boolean isFunction() {
            return text.startsWith("local function ");
        }
    }

    private final String script;
    private final List<Item> items;
    private final Set<String> declared = new HashSet<>();
    private final StringBuilder declarations = new StringBuilder();
    private final StringBuilder fetched = new StringBuilder();
    private final StringBuilder functions = new StringBuilder();
    private final Map<String, StringBuilder> heads = new LinkedHashMap<>();
    private final StringBuilder body = new StringBuilder();

    private LuaFunction(String script, List<LuaSource.Line> lines) {
        this.script = script;
        this.items = items(lines);
    }

    /**
     * @param name what the function is called, behind the prefix of the library
     * @param script the file whose lines they are but for the parts
     */
    static String of(String name, String script, List<LuaSource.Line> lines) {
        return new LuaFunction(script, lines).block(name);
    }

    private static List<Item> items(List<LuaSource.Line> lines) {
        List<Item> items = new ArrayList<>();
        for (LuaSource.Line line : lines) {
            boolean begins = line.indent() == 0 && !CLOSES.matcher(line.text()).matches();
            if (begins || items.isEmpty()) {
                items.add(new Item(line.file(), line.text()));
            } else {
                items.set(
                        items.size() - 1,
                        new Item(items.getLast().file(), items.getLast().text() + '\n' + line.text()));
            }
        }
        return items;
    }

    private String block(String name) {
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            Matcher function = FUNCTION.matcher(item.text);
            if (function.find()) {
                declare(function.group(1));
                functions
                        .append(function.group(1))
                        .append(" = function")
                        .append(item.text, function.end(), item.text.length())
                        .append('\n');
            } else if (item.text.startsWith("local ")) {
                local(item, i);
            } else {
                place(item.file).append(item.text).append('\n');
            }
        }
        StringBuilder out = new StringBuilder(1 << 14).append("do\n").append(declarations);
        out.append(functions).append("local function fetch()\n").append(fetched).append("end\n");
        // One function for each part: a function of Lua uses at most 60 locals of those around it.
        StringBuilder calls = new StringBuilder();
        heads.forEach((file, head) -> {
            String called = "head_of_" + file.substring(file.lastIndexOf('/') + 1);
            out.append("local function ")
                    .append(called)
                    .append("()\n")
                    .append(head)
                    .append("end\n");
            calls.append(called).append("()\n");
        });
        return out.append("register(PREFIX .. '")
                .append(functionName(name))
                .append("', fetch, function()\n")
                .append(calls)
                .append(body)
                .append("end)\nend\n")
                .toString();
    }

    /** Names of functions have no hyphen. */
    static String functionName(String name) {
        return name.replace('-', '_');
    }

    private void local(Item item, int place) {
        String text = COMMENT.matcher(item.text).replaceFirst("$1");
        Matcher local = LOCAL.matcher(text);
        if (!local.matches()) {
            throw new IllegalStateException("not understood in Lua script " + script + ": " + item.text);
        }
        String names = local.group(1);
        String value = local.group(2) == null ? "nil" : local.group(2);
        if (CAPITALS.matcher(names).matches() && LITERALS.matcher(code(value)).matches()) {
            declarations
                    .append("local ")
                    .append(names)
                    .append(" = ")
                    .append(value)
                    .append('\n');
        } else if (LIBRARY.matcher(value).matches()) {
            declare(names);
            fetched.append(names).append(" = ").append(value).append('\n');
        } else if (item.file.equals(script) && !isUsedBehind(names, place)) {
            body.append(item.text).append('\n');
        } else {
            declare(names);
            place(item.file).append(names).append(" = ").append(value).append('\n');
        }
    }

    private static String code(String value) {
        int comment = value.indexOf(" --");
        return comment < 0 ? value : value.substring(0, comment);
    }

    private boolean isUsedBehind(String names, int place) {
        Set<String> wanted = words(names);
        return items.stream()
                .skip(place + 1L)
                .filter(Item::isFunction)
                .anyMatch(item -> words(item.text).stream().anyMatch(wanted::contains));
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    private void declare(String names) {
        words(names).stream()
                .sorted()
                .filter(declared::add)
                .forEach(name -> declarations.append("local ").append(name).append('\n'));
    }

    private StringBuilder place(String file) {
        return file.equals(script) ? body : heads.computeIfAbsent(file, ignored -> new StringBuilder());
    }
}
