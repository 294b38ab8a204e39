package io.lockgate.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What runs the gateway's two scripts in a Redis of its own: Redis itself, or a server that passes calls on to it. */
final class ScriptCompetitor implements Competitor {
    private static final String SECRET = "bench-password";

    private final ScriptStore store;
    private final @Nullable OwnProcess process;
    private final InetSocketAddress server;
    private final Framing framing;
    private final Function<List<String>, String> format;
    private final String about;

    private ScriptCompetitor(
            ScriptStore store,
            @Nullable OwnProcess process,
            InetSocketAddress server,
            Framing framing,
            Function<List<String>, String> format,
            String about) {
        this.store = store;
        this.process = process;
        this.server = server;
        this.framing = framing;
        this.format = format;
        this.about = about;
    }

    /** Redis and nothing before it. */
    static ScriptCompetitor redis() {
        ScriptStore store = new ScriptStore();
        return new ScriptCompetitor(
                store, null, store.server(), Framing.RESP, ScriptCompetitor::resp, "EVALSHA by its own protocol");
    }

    private static String resp(List<String> words) {
        StringBuilder text = new StringBuilder("*" + words.size() + "\r\n");
        for (String word : words) {
            text.append('$')
                    .append(word.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        return text.toString();
    }

    /** webdis: each request is a command, its words parts of a path. It compares name and password of each. */
    static ScriptCompetitor webdis(String program, Path directory) throws IOException {
        InetSocketAddress place = OwnProcess.freePlace();
        int threads = Runtime.getRuntime().availableProcessors();
        return before(
                place,
                directory,
                List.of(program, "webdis.json"),
                "webdis.json",
                redis -> """
                        {
                          "redis_host": "127.0.0.1", "redis_port": %d, "database": 0,
                          "http_host": "127.0.0.1", "http_port": %d, "threads": %d,
                          "daemonize": false, "verbosity": 1, "logfile": "webdis.log",
                          "acl": [{"disabled": ["*"]}, {"http_basic_auth": "bench:%s", "enabled": ["EVALSHA"]}]
                        }
                        """.formatted(redis, place.getPort(), threads, SECRET),
                words -> Request.http(
                        "POST /",
                        List.of("Authorization: Basic " + base64("bench:" + SECRET)),
                        words.stream().map(ScriptCompetitor::encoded).collect(Collectors.joining("/"))),
                threads + " threads, name and password compared");
    }

    /** What webdis could take for a separator or an escape is written in another way. */
    private static String encoded(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * nginx with a few lines of Lua: each request's body is a call, a word a line. It compares a token, and keeps its
     * connections to Redis.
     *
     * @param modules directory of its modules
     */
    static ScriptCompetitor nginx(String program, Path modules, Path directory) throws IOException {
        InetSocketAddress place = OwnProcess.freePlace();
        int workers = Runtime.getRuntime().availableProcessors();
        return before(
                place,
                directory,
                List.of(program, "-p", ".", "-c", "nginx.conf"),
                "nginx.conf",
                redis -> nginxConfiguration(modules, workers, place.getPort(), redis),
                words -> Request.http(
                        "POST /",
                        List.of("Authorization: Bearer " + SECRET),
                        // Without EVALSHA, which the Lua client adds.
                        words.stream().skip(1).map(word -> word + "\n").collect(Collectors.joining())),
                workers + " workers, token compared, Lua client of lua-nginx-redis");
    }

    private static String nginxConfiguration(Path modules, int workers, int port, int redis) {
        // Who starts it as root may not want its workers to be somebody else, who cannot read this directory.
        String user = System.getProperty("user.name", "").equals("root") ? "user root;" : "";
        return """
                load_module %s/ndk_http_module.so;
                load_module %s/ngx_http_lua_module.so;
                daemon off; worker_processes %d; error_log error.log warn; pid nginx.pid; %s
                events { worker_connections 2048; }
                http {
                  access_log off;
                  keepalive_requests 1000000000; keepalive_timeout 1h;
                  client_body_buffer_size 16k; client_body_in_single_buffer on;
                  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                  server {
                    listen 127.0.0.1:%d backlog=1024 reuseport;
                    location / {
                      content_by_lua_block {
                        if ngx.var.http_authorization ~= 'Bearer %s' then return ngx.exit(401) end
                        local found, client = pcall(require, 'nginx.redis')
                        if not found then
                          ngx.status = 501
                          return ngx.say('no Lua client for Redis (Debian package lua-nginx-redis)')
                        end
                        ngx.req.read_body()
                        local words, count = {}, 0
                        for word in string.gmatch(ngx.req.get_body_data(), '([^\\n]*)\\n') do
                          count = count + 1
                          words[count] = word
                        end
                        local store = client:new()
                        store:set_timeout(5000)
                        local reply, problem = store:connect('127.0.0.1', %d)
                        if reply then reply, problem = store:evalsha(unpack(words, 1, count)) end
                        if not reply then
                          ngx.status = 503
                          return ngx.say(problem)
                        end
                        store:set_keepalive(3600000, 256)
                        local text = table.concat(reply, '\\n')
                        ngx.header.content_length = #text
                        ngx.print(text)
                      }
                    }
                  }
                }
                """.formatted(modules, modules, workers, user, port, SECRET, redis);
    }

    /** The text of a configuration file, by the port of Redis. */
    private interface Configuration {
        String of(int redisPort);
    }

    private static ScriptCompetitor before(
            InetSocketAddress place,
            Path directory,
            List<String> command,
            String file,
            Configuration configuration,
            Function<List<String>, String> format,
            String about)
            throws IOException {
        ScriptStore store = new ScriptStore();
        try {
            Files.writeString(
                    directory.resolve(file), configuration.of(store.server().getPort()));
            OwnProcess process = OwnProcess.start(command, place, directory);
            return new ScriptCompetitor(store, process, place, Framing.HTTP, format, about);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public InetSocketAddress server() {
        return server;
    }

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public List<ClosedLoop.Client> clients(int number) {
        return IntStream.range(0, number)
                .mapToObj(Place::new)
                .map(place -> new ClosedLoop.Client(
                        request(store.acquire(place), "granted"), request(store.release(place), "released")))
                .toList();
    }

    private Request request(ScriptStore.Words words, String wanted) {
        return Request.of(format.apply(words.words()), words.id(), wanted);
    }

    @Override
    public Processes processes() {
        return new Processes(
                Optional.ofNullable(process).map(OwnProcess::handles).orElse(List.of()),
                List.of(store.process()),
                List.of());
    }

    @Override
    public String about() {
        return about;
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
        store.close();
    }
}
