package io.lockgate.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A Dockerfile, read as far as ours go: no stages, no variables, no build steps. */
public record Dockerfile(List<Instruction> instructions) {
    static final Path DIRECTORY = Path.of("src", "main", "docker");

    public record Instruction(String name, String rest) {}

    public static Dockerfile read(String file) throws IOException {
        List<Instruction> instructions = new ArrayList<>();
        for (String line : Files.readAllLines(DIRECTORY.resolve(file))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(" ", 2);
                instructions.add(new Instruction(parts[0], parts[1]));
            }
        }
        return new Dockerfile(instructions);
    }

    List<String> all(String name) {
        return instructions.stream()
                .filter(instruction -> instruction.name().equals(name))
                .map(Instruction::rest)
                .toList();
    }

    String one(String name) {
        List<String> all = all(name);
        if (all.size() != 1) {
            throw new IllegalStateException(name + " stands there " + all.size() + " times");
        }
        return all.getFirst();
    }

    /** The command line, which must be in the exec form. */
    public List<String> entryPoint() throws JsonProcessingException {
        return List.of(new ObjectMapper().readValue(one("ENTRYPOINT"), String[].class));
    }

    /** What is copied, from a pattern in the project to a place below the working directory. */
    List<String[]> copies() {
        return all("COPY").stream()
                .map(rest -> rest.replaceFirst("^(--\\S+ )*", "").split(" "))
                .toList();
    }

    /** Whether the build has made what is copied. */
    boolean isBuilt() throws IOException {
        for (String[] copy : copies()) {
            if (sources(copy[0]).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Does in {@code root} what the instructions do in an image; answers the working directory. */
    Path layOut(Path root) throws IOException {
        Path work = root.resolve(one("WORKDIR").substring(1));
        Files.createDirectories(work);
        for (String[] copy : copies()) {
            List<Path> sources = sources(copy[0]);
            if (sources.size() != 1) {
                throw new IllegalStateException(copy[0] + " is " + sources);
            }
            copy(sources.getFirst(), work.resolve(copy[1]));
        }
        return work;
    }

    private static List<Path> sources(String pattern) throws IOException {
        Path path = Path.of(pattern);
        Path parent = path.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return List.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
        try (Stream<Path> there = Files.list(parent)) {
            return there.filter(matcher::matches).toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path each : tree.toList()) {
                Path target = each.equals(from) ? to : to.resolve(from.relativize(each));
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }
}
