package io.lockgate.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the text of one script together: its file, the parts it includes, and numbers in the place of names. All of it
 * happens once, when the script is loaded; Redis gets plain Lua. A directive is a comment that takes a whole line:
 *
 * <pre>
 * -- @include rows (is_live, lo_of)   lib/rows.lua stands here, unless above; the file uses these names of it
 * -- @column lo 1 16                  characters 1 to 16: lo_of(row); before_lo(row), after_lo(row); COLUMN.lo is 1
 * -- @column id -16                   the last 16 characters: id_of(member)
 * -- @group lock protocol lo hi       arguments in a row: lock_lo_at(i) is ARGV[i + 1]; SIZE.lock is 3
 * -- @keys meta result                KEYS.meta is KEYS[1]
 * -- @argv id &lt;lock&gt; name? more...    ARGV.id is ARGV[1]; PLACE.lock and PLACE.more say where theirs begin
 * -- @answer found time id row        not expanded; a test compares it with the answers in the text
 * -- @fields owner_id space           not expanded; what a column holds, separated by tabs
 * </pre>
 *
 * Keys, arguments and answers are listed by the script itself, in its head, for all its parts. A name behind an open
 * end is counted from the last argument. A list in brackets may go on in the next lines. Not checked here: that a file
 * lists all that it uses; the test of the scripts and luacheck do that.
 */
final class LuaSource {
    private static final String DIRECTIVE = "-- @";
    private static final Set<String> NAMESPACES = Set.of("KEYS", "ARGV", "PLACE", "SIZE", "COLUMN");

    /** How many keys or arguments a script takes. */
    record Count(int least, int most) {
        boolean allows(int number) {
            return least <= number && number <= most;
        }
    }

    /** A column of a row, as Java counts characters: from {@code begin}, and before {@code end}. */
    record Column(int begin, int end) {}

    /** The text before and behind the argument of a name that is written like a function. */
    private record Accessor(String before, String after) {}

    /** A line of code, and how far it stands from the left margin once its part stands where it is included. */
    record Line(String file, String text, int indent) {}

    /** The names that an include says it uses. */
    record Include(String part, List<String> names) {}

    private final String name;
    private final Function<String, @Nullable String> source;
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Integer> indents = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final List<String> keyNames = new ArrayList<>();
    private final List<String> argumentNames = new ArrayList<>();
    private final Map<String, String> places = new HashMap<>();
    private final Map<String, Accessor> accessors = new HashMap<>();
    private final Map<String, Integer> groups = new HashMap<>();
    private final Count keys;
    private final Count arguments;

    /**
     * Reads a script and its parts through {@code source}, which answers a text for {@code "locks/acquire"} or for
     * {@code "lib/plan"}, or null.
     *
     * @throws IllegalStateException when a part is missing, is included twice by one file or in a circle, or does not
     *     define a name listed; when a directive is unknown; when a key or an argument is used that no head lists
     */
    LuaSource(String name, Function<String, @Nullable String> source) {
        this.name = name;
        this.source = source;
        append(name, 0);
        keys = count("KEYS", keyNames);
        arguments = count("ARGV", argumentNames);
    }

    /** Folder and name of the script. */
    String name() {
        return name;
    }

    Count keys() {
        return keys;
    }

    Count arguments() {
        return arguments;
    }

    /** The Lua that Redis runs: without lines of comment, blank lines and indentation. */
    String expanded() {
        StringBuilder out = new StringBuilder(1 << 14);
        for (Line line : lines) {
            out.append(expand(line.text, line.file)).append('\n');
        }
        return out.toString();
    }

    /** The lines of {@link #expanded}. */
    List<Line> code() {
        return lines.stream()
                .map(line -> new Line(line.file, expand(line.text, line.file), line.indent))
                .toList();
    }

    // ---------------------------------------------------------------- files

    private void append(String file, int indent) {
        if (open.contains(file)) {
            throw new IllegalStateException("Lua part " + file + " is included in a circle: " + open);
        }
        String text = source.apply(file);
        if (text == null) {
            throw new IllegalStateException("Lua part " + file + " does not exist, wanted by " + open);
        }
        open.addLast(file);
        indents.put(file, indent);
        Set<String> included = new LinkedHashSet<>();
        for (Directive directive : directives(text)) {
            if (directive.verb == null) {
                lines.add(new Line(file, directive.text, indent + directive.indent));
            } else if (directive.verb.equals("include")) {
                Include include = include(directive.text);
                if (!included.add(include.part)) {
                    throw new IllegalStateException("Lua part " + include.part + " is included twice by " + file);
                }
                bring(include, indent + directive.indent, file);
            } else {
                declare(directive, file);
            }
        }
        open.removeLast();
    }

    private void bring(Include include, int indent, String file) {
        String part = include.part;
        Integer above = indents.get(part);
        if (above == null || open.contains(part)) {
            append(part, indent);
        } else if (above > indent) {
            throw new IllegalStateException("Lua part " + part + " is wanted by " + file
                    + " outside of the function that includes it: include it further out, before");
        }
        Set<String> defined = definitions(String.valueOf(source.apply(part)));
        for (String wanted : include.names) {
            if (!defined.contains(wanted)) {
                throw new IllegalStateException(
                        "Lua part " + part + " defines no " + wanted + ", which " + file + " lists");
            }
        }
    }

    private void declare(Directive directive, String file) {
        List<String> words = words(directive.text);
        switch (String.valueOf(directive.verb)) {
            case "column" -> {
                String column = words.getFirst();
                once("COLUMN." + column, words.get(1), file);
                int from = Integer.parseInt(words.get(1));
                accessors.put(column + "_of", cut(String.join(", ", words.subList(1, words.size()))));
                if (from > 0) {
                    accessors.put("before_" + column, cut("1, " + (from - 1)));
                }
                if (from > 0 && words.size() > 2) {
                    accessors.put("after_" + column, cut(Integer.toString(Integer.parseInt(words.get(2)) + 1)));
                }
            }
            case "group" -> {
                String group = words.getFirst();
                once("SIZE." + group, Integer.toString(words.size() - 1), file);
                groups.put(group, words.size() - 1);
                for (int i = 1; i < words.size(); i++) {
                    String after = i == 1 ? "]" : " + " + (i - 1) + "]";
                    accessors.put(group + '_' + words.get(i) + "_at", new Accessor("ARGV[", after));
                }
            }
            case "fields" -> {}
            case "keys" -> head(keyNames, words, file);
            case "argv" -> head(argumentNames, words, file);
            case "answer" -> head(new ArrayList<>(), words, file);
            default -> throw new IllegalStateException("unknown directive @" + directive.verb + " in Lua file " + file);
        }
    }

    private void head(List<String> into, List<String> words, String file) {
        if (!file.equals(name)) {
            throw new IllegalStateException(
                    "Lua part " + file + " lists what only a script lists in its head: " + words);
        }
        into.addAll(words);
    }

    private void once(String place, String value, String file) {
        if (places.put(place, value) != null) {
            throw new IllegalStateException(place + " is declared twice, the second time in Lua file " + file);
        }
    }

    private static Accessor cut(String columns) {
        return new Accessor("sub(", ", " + columns + ")");
    }

    /** Gives the names of a head their places, and counts them. */
    private Count count(String table, List<String> names) {
        int least = 0;
        int optional = 0;
        int behind = -1; // names counted from the end, once an end is open
        for (int i = names.size() - 1; i >= 0 && !names.get(i).endsWith("..."); i--) {
            behind++;
        }
        boolean isOpen = names.stream().anyMatch(word -> word.endsWith("..."));
        boolean passed = false;
        for (String word : names) {
            String bare = word.replaceAll("[<>?.]", "");
            String place = Integer.toString(least + optional + 1);
            if (word.endsWith("...")) {
                if (!passed) {
                    once("PLACE." + bare, place, name);
                }
                passed = true;
            } else if (word.startsWith("<")) {
                once("PLACE." + bare, place, name);
                Integer size = groups.get(bare);
                if (size == null) {
                    throw new IllegalStateException("no group " + bare + " for the head of Lua script " + name);
                }
                least += size;
            } else if (passed) {
                once(table + '.' + bare, table + "[#" + table + (behind == 0 ? "]" : " - " + behind + "]"), name);
                behind--;
                least++;
            } else {
                once(table + '.' + bare, table + '[' + place + ']', name);
                if (word.endsWith("?")) {
                    optional++;
                } else {
                    least++;
                }
            }
        }
        return new Count(least, isOpen ? Integer.MAX_VALUE : least + optional);
    }

    // ---------------------------------------------------------------- lines

    /** A directive and its words, or a line of code, which has no verb. The indent is that of its first line. */
    private record Directive(@Nullable String verb, String text, int indent) {}

    private static List<Directive> directives(String text) {
        List<Directive> found = new ArrayList<>();
        StringBuilder unfinished = new StringBuilder();
        int indent = 0;
        for (String line : text.lines().toList()) {
            String stripped = line.strip();
            if (!unfinished.isEmpty() || stripped.startsWith(DIRECTIVE)) {
                if (unfinished.isEmpty()) {
                    indent = line.indexOf('-');
                    unfinished.append(stripped.substring(DIRECTIVE.length()));
                } else {
                    unfinished.append(' ').append(stripped.replaceFirst("^--", ""));
                }
                if (unfinished.indexOf("(") < 0 || unfinished.indexOf(")") >= 0) {
                    String directive = unfinished.toString().strip();
                    int space = (directive + ' ').indexOf(' ');
                    found.add(new Directive(
                            directive.substring(0, space),
                            directive.substring(space).strip(),
                            indent));
                    unfinished.setLength(0);
                }
            } else if (!stripped.isEmpty() && !stripped.startsWith("--")) {
                found.add(new Directive(null, stripped, line.indexOf(stripped)));
            }
        }
        if (!unfinished.isEmpty()) {
            throw new IllegalStateException("a list in a Lua file has no end: " + unfinished);
        }
        return found;
    }

    private static Include include(String text) {
        int bracket = text.indexOf('(');
        String part = bracket < 0 ? text : text.substring(0, bracket);
        String names = bracket < 0 ? "" : text.substring(bracket + 1, text.indexOf(')'));
        return new Include("lib/" + part.strip(), words(names.replace(',', ' ')));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The names that the includes of a file list. */
    static List<Include> includes(String text) {
        return directives(text).stream()
                .filter(directive -> "include".equals(directive.verb))
                .map(directive -> include(directive.text))
                .toList();
    }

    /** The names that a file brings to those that include it: its outermost locals, columns and groups. */
    static Set<String> definitions(String text) {
        Set<String> names = new LinkedHashSet<>();
        for (Directive directive : directives(text)) {
            List<String> words = words(directive.text);
            if ("column".equals(directive.verb)) {
                names.add(words.getFirst() + "_of");
                names.add("before_" + words.getFirst());
                names.add("after_" + words.getFirst());
            } else if ("group".equals(directive.verb)) {
                words.stream().skip(1).forEach(word -> names.add(words.getFirst() + '_' + word + "_at"));
            }
        }
        for (String line : text.lines().toList()) {
            if (line.startsWith("local function ")) {
                names.add(line.substring("local function ".length(), line.indexOf('(')));
            } else if (line.startsWith("local ")) {
                int end = (line + " =").indexOf(" =");
                int comment = (line + " --").indexOf(" --");
                String list = line.substring("local ".length(), Math.min(end, comment));
                names.addAll(words(list.replace(',', ' ')));
            }
        }
        return names;
    }

    /** The fields that a file declares. */
    static List<String> fields(String text) {
        return directives(text).stream()
                .filter(directive -> "fields".equals(directive.verb))
                .flatMap(directive -> words(directive.text).stream())
                .toList();
    }

    /** What a head lists: of {@code "keys"}, {@code "argv"} or {@code "answer"}, one text for each line. */
    static List<String> head(String text, String verb) {
        return directives(text).stream()
                .filter(directive -> verb.equals(directive.verb))
                .map(directive -> directive.text)
                .toList();
    }

    /** The columns that a file declares, by name; but for those counted from the end. */
    static Map<String, Column> columns(String text) {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (Directive directive : directives(text)) {
            List<String> words = words(directive.text);
            if ("column".equals(directive.verb) && !words.get(1).startsWith("-")) {
                int end = words.size() == 3 ? Integer.parseInt(words.get(2)) : Integer.MAX_VALUE;
                columns.put(words.getFirst(), new Column(Integer.parseInt(words.get(1)) - 1, end));
            }
        }
        return columns;
    }

    // ---------------------------------------------------------------- names

    private String expand(String line, String file) {
        StringBuilder out = new StringBuilder(line.length() + 16);
        int i = 0;
        while (i < line.length()) {
            int end = endOfToken(line, i);
            String token = line.substring(i, end);
            char next = end < line.length() ? line.charAt(end) : ' ';
            Accessor accessor = next == '(' ? accessors.get(token) : null;
            if (next == '.' && NAMESPACES.contains(token)) {
                end = endOfToken(line, end + 1);
                String place = line.substring(i, end);
                String value = places.get(place);
                if (value == null) {
                    throw new IllegalStateException(
                            "Lua script " + name + " declares no " + place + ", which " + file + " uses");
                }
                out.append(value);
            } else if (accessor != null) {
                int close = closing(line, end, file);
                out.append(accessor.before)
                        .append(expand(line.substring(end + 1, close), file))
                        .append(accessor.after);
                end = close + 1;
            } else {
                out.append(token);
            }
            i = end;
        }
        return out.toString();
    }

    /** Behind the word, string or comment that begins at {@code i}, or the one character there. */
    static int endOfToken(String line, int i) {
        char c = line.charAt(i);
        int end = i + 1;
        if (c == '\'' || c == '"') {
            while (end < line.length() && line.charAt(end) != c) {
                end += line.charAt(end) == '\\' ? 2 : 1;
            }
            return Math.min(end + 1, line.length());
        }
        if (line.startsWith("--", i)) {
            return line.length();
        }
        if (isOfWord(c)) {
            while (end < line.length() && isOfWord(line.charAt(end))) {
                end++;
            }
        }
        return end;
    }

    private static boolean isOfWord(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private static int closing(String line, int bracket, String file) {
        int depth = 0;
        for (int i = bracket; i < line.length(); i = endOfToken(line, i)) {
            char c = line.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalStateException("a bracket does not close in its line in Lua file " + file + ": " + line);
    }
}
