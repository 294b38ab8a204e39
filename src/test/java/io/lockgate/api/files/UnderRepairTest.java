package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.api.files.ErrorJson.ErrorBody;
import io.lockgate.http.RenderedProblem;
import io.lockgate.range.LockTableUnavailableException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnderRepairTest {
    @Test
    @DisplayName("A 503 for a part of the lock table that is being repaired says so, and that nothing was changed")
    void saysSo() {
        RenderedProblem told = FilesWords.of(LockTableUnavailableException.underRepair("Redis: …", true));
        assertThat(told.status()).isEqualTo(503);
        assertThat(((ErrorBody) told.body()).description()).contains("being repaired", "nothing was changed");
    }
}
