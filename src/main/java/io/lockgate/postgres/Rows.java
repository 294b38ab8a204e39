package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** Statements whose rows are no entities. Each selects two columns or more. */
final class Rows {
    private Rows() {}

    static Uni<List<Object[]>> all(String sql, Map<String, Object> values) {
        return Panache.getSession().flatMap(session -> {
            Mutiny.SelectionQuery<Object[]> query = session.createNativeQuery(sql, Object[].class);
            values.forEach(query::setParameter);
            return query.getResultList();
        });
    }

    static Uni<Optional<Object[]>> one(String sql, Map<String, Object> values) {
        return all(sql, values).map(rows -> rows.stream().findFirst());
    }

    static String text(Object column) {
        return (String) column;
    }

    static long number(Object column) {
        return ((Number) column).longValue();
    }
}
