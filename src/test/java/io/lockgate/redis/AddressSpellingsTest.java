package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows of the version before, whose addresses are spelled as its clients liked, count to the machine that they name.
 */
@Timeout(60)
class AddressSpellingsTest {
    private static final URI REDIS = RedisTables.database(14);
    private static final Settings SETTINGS = Settings.DEFAULT.withMaxSteps(10);
    private static final RangeLockTable TABLE = RedisTables.table(REDIS, SETTINGS);
    private static final String MACHINE = "2001:db8::7";
    private static final List<String> SPELLINGS = List.of(
            MACHINE,
            "2001:DB8:0:0:0:0:0:7",
            "2001:db8:0:0:0:0:0:7",
            "2001:0db8::0007",
            "2001:db8::0.0.0.7",
            "2001:db8::7%eth0");

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterEach
    void consistent() {
        get(RedisTables.table(REDIS, SETTINGS).sweep());
        TableInvariants.hold(REDIS);
    }

    /** As a gateway of the version before stored it: the table takes any text. */
    private static Grant stored(Protocol protocol, String address) {
        Grant grant = newest(protocol, address);
        try (RespClient probe = new RespClient(REDIS)) {
            RedisKeys keys = new RedisKeys(SETTINGS.buckets());
            Format2.rewriteLists(probe, keys.prefix(grant.id().bucket()));
        }
        return grant;
    }

    /** Among the newest of its bucket, in no list yet: as a part of a grant that another version has stored. */
    private static Grant newest(Protocol protocol, String address) {
        LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
        LockSpec request = LockClient.nlm(space, "A").over(protocol).lock(S, 0, 10);
        return LockClient.granted(get(TABLE.acquire(
                space,
                new LockSpec(
                        request.protocol(),
                        request.modes(),
                        request.range(),
                        request.owner(),
                        address,
                        "node-1",
                        request.lifetime()))));
    }

    private static List<Grant> storedOnes() {
        List<Grant> all = new ArrayList<>();
        for (String spelling : SPELLINGS) {
            for (int i = 0; i < 12; i++) {
                all.add(stored(Protocol.NLM, spelling));
            }
        }
        stored(Protocol.NLM, "2001:db8::8");
        stored(Protocol.NLM, "10.0.0.7");
        stored(Protocol.NLM, "no address");
        stored(Protocol.SMB, "2001:DB8::7");
        return all;
    }

    private static GrantFilter from(String address) {
        return new GrantFilter(
                Protocol.NLM,
                Optional.empty(),
                Optional.of(address),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    @DisplayName("A release by address finds another spelling also among the newest grants, which no list has yet")
    void amongTheNewest() {
        newest(Protocol.NLM, "2001:DB8:0:0:0:0:0:7");
        newest(Protocol.NLM, "2001:db8::8");
        assertThat(get(RedisTables.table(REDIS, SETTINGS).releaseAll(from(MACHINE))))
                .isEqualTo(1);
    }

    @ParameterizedTest(name = "pages of {0}")
    @ValueSource(ints = {7, 1_000})
    @DisplayName(
            "A list by address in any spelling shows every row of the machine exactly once, with the canonical one")
    void lists(int limit) {
        List<Grant> stored = storedOnes();
        List<Grant> shown = new ArrayList<>();
        Cursor after = Cursor.START;
        GrantPage page;
        do {
            page = get(TABLE.list(from(MACHINE), after, limit));
            shown.addAll(page.grants());
            after = page.next();
        } while (page.grants().size() == limit);

        assertThat(shown).extracting(Grant::id).doesNotHaveDuplicates();
        assertThat(shown)
                .extracting(Grant::id)
                .containsExactlyInAnyOrderElementsOf(
                        stored.stream().map(Grant::id).toList());
        assertThat(shown).extracting(Grant::ownerAddress).containsOnly(MACHINE);
    }

    @Test
    @DisplayName("A list of a file by address and one by owner and address find them too")
    void otherIndexes() {
        Grant grant = stored(Protocol.NLM, "2001:DB8::7");
        GrantFilter ofFile = new GrantFilter(
                Protocol.NLM,
                GrantFilter.ofFile(Protocol.NLM, grant.space().fileId(), "").file(),
                Optional.of(MACHINE),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(get(TABLE.list(ofFile, Cursor.START, 10)).grants()).hasSize(1);
        Grant another = stored(Protocol.NLM, "2001:DB8::7");
        GrantFilter ofOwner = new GrantFilter(
                Protocol.NLM,
                Optional.empty(),
                Optional.of(MACHINE),
                Optional.empty(),
                Optional.of("A"),
                Optional.empty());
        assertThat(get(TABLE.list(ofOwner, Cursor.START, 10)).grants())
                .extracting(Grant::id)
                .containsExactlyInAnyOrder(grant.id(), another.id());
    }

    @Test
    @DisplayName("Counts by address have one entry for the machine")
    void counts() {
        int stored = storedOnes().size();

        assertThat(get(TABLE.count(GrantFilter.all(Protocol.NLM), CountBy.OWNER_ADDRESS)))
                .containsEntry(MACHINE, (long) stored)
                .containsOnlyKeys(MACHINE, "2001:db8::8", "10.0.0.7", "no address");
        assertThat(get(TABLE.count(from(MACHINE), CountBy.MODE)).values()).containsExactly((long) stored);
    }

    @Test
    @DisplayName("A release by client releases them all and no other's")
    void releases() {
        int stored = storedOnes().size();

        assertThat(get(TABLE.releaseAll(from(MACHINE)))).isEqualTo(stored);
        assertThat(get(TABLE.list(GrantFilter.all(Protocol.NLM), Cursor.START, 100))
                        .grants())
                .hasSize(3);
        assertThat(get(TABLE.list(GrantFilter.all(Protocol.SMB), Cursor.START, 100))
                        .grants())
                .hasSize(1);
    }

    @Test
    @DisplayName("A row keeps all but its address: it is found, renewed, checked and released as before")
    void staysTheSameGrant() {
        Grant grant = stored(Protocol.NLM, "2001:DB8::7");
        get(TABLE.list(from(MACHINE), Cursor.START, 10));

        Grant found = get(TABLE.find(grant.id())).orElseThrow();
        assertThat(found)
                .isEqualTo(new Grant(
                        grant.id(),
                        grant.space(),
                        grant.protocol(),
                        grant.modes(),
                        grant.range(),
                        grant.owner(),
                        MACHINE,
                        grant.nodeAddress(),
                        grant.token(),
                        grant.leased(),
                        grant.expiresIn(),
                        grant.session(),
                        grant.stage()));
        assertThat(get(TABLE.releaseGrant(grant.id(), Optional.empty()))).isEqualTo(new Release.Released(1));
        get(RedisTables.table(REDIS, SETTINGS).sweep());
        TableInvariants.holdOfNothing(REDIS);
    }

    @Test
    @DisplayName(
            "While a gateway of the previous version may run every query checks; an hour later once a minute is enough")
    void looksWhileOthersMayWrite() {
        AtomicLong nanos = new AtomicLong(-5);
        ScriptRunner runner = RedisTables.runner(REDIS, SETTINGS);
        AddressSpellings spellings = new AddressSpellings(runner, new RedisKeys(8), 10, nanos::get);
        Grant first = stored(Protocol.NLM, "2001:DB8::7");
        int bucket = first.id().bucket();

        get(spellings.settle(bucket));
        assertThat(address(first)).isEqualTo(MACHINE);
        Grant second = in(bucket);
        get(spellings.settle(bucket));
        assertThat(address(second)).isEqualTo(MACHINE);

        nanos.addAndGet(AddressSpellings.REPLACEMENT.toNanos() + 1);
        get(spellings.settle(bucket));
        Grant third = in(bucket);
        get(spellings.settle(bucket));
        assertThat(address(third)).isEqualTo("2001:DB8::7");
        nanos.addAndGet(60_000_000_000L);
        get(spellings.settle(bucket));
        assertThat(address(third)).isEqualTo(MACHINE);
    }

    @DisplayName("An address accepted by the previous version is that address, and no other text is")
    @ParameterizedTest
    @CsvSource({
        "1, 0.0.0.1",
        "10.1, 10.0.0.1",
        "2001:DB8:0:0:0:0:0:7, 2001:db8::7",
        "fe80:0:0:0:0:0:0:1%eth0, fe80::1",
        "fe80::1%2, fe80::1",
        "0:0:0:0:0:ffff:a00:7, 10.0.0.7",
        "10.0.0.7, 10.0.0.7",
        "localhost, ''",
        "'', ''",
        "a1, ''",
    })
    void spellingsOfBefore(String stored, String canonical) {
        assertThat(AddressSpellings.canonical(stored).orElse("")).isEqualTo(canonical);
    }

    private static Grant in(int bucket) {
        Grant grant;
        do {
            grant = stored(Protocol.NLM, "2001:DB8::7");
        } while (grant.id().bucket() != bucket);
        return grant;
    }

    private static String address(Grant grant) {
        return get(TABLE.find(grant.id())).orElseThrow().ownerAddress();
    }
}
