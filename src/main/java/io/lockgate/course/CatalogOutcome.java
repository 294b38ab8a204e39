package io.lockgate.course;

/** How making something known ended. */
public sealed interface CatalogOutcome {
    /** The course is known, since now or since before. */
    record CourseKnown(Course course) implements CatalogOutcome {}

    /** The gadget is known, since now or since before. */
    record GadgetKnown(Gadget gadget) implements CatalogOutcome {}

    /** The key names no course that the gadget could be in. */
    record NoSuchCourse(String courseKey) implements CatalogOutcome {}
}
