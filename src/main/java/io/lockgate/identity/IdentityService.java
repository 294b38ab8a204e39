package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.security.AuthenticationFailedException;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The use cases of identity. All of them fail with {@link IdentityUnavailableException} when the store does not answer;
 * who may ask for them is checked where they are asked for. What changes a user or a token of others is audited first:
 * a trail that fails prevents it.
 */
public final class IdentityService {
    /** Longest user name and mail address, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 256;

    /** Access tokens alive for one refresh token; when another is made the oldest ends. */
    public static final int ACCESS_TOKENS_PER_REFRESH = 8;

    /** Logins remembered as right, so that the next one from there goes first; each takes about 100 bytes. */
    private static final int MAX_RIGHT = 10_000;

    private static final Duration RIGHT_LATELY = Duration.ofDays(1);

    /** Shorter than any token of ours: 256 bits in base64. */
    private static final int MIN_TOKEN = 43;

    private final UserStore users;
    private final TokenStore tokens;
    private final CredentialCache credentials;
    private final Optional<Jwts> jwts;
    private final Passwords passwords;
    private final LoginLimiter limiter;
    private final TokenLifetimes lifetimes;
    private final AuditTrail audit;
    private final Cache<TokenHash, Boolean> rightLately = Caffeine.newBuilder()
            .maximumSize(MAX_RIGHT)
            .expireAfterWrite(RIGHT_LATELY)
            .executor(Runnable::run)
            .build();

    /** @param jwts empty when there is no issuer whose tokens are taken */
    public IdentityService(
            UserStore users,
            TokenStore tokens,
            CredentialCache credentials,
            Optional<Jwts> jwts,
            Passwords passwords,
            LoginLimiter limiter,
            TokenLifetimes lifetimes,
            AuditTrail audit) {
        this.users = users;
        this.tokens = tokens;
        this.credentials = credentials;
        this.jwts = jwts;
        this.passwords = passwords;
        this.limiter = limiter;
        this.lifetimes = lifetimes;
        this.audit = audit;
    }

    /**
     * Whose token that is, if it is good and of one of {@code kinds}. {@code token} may be any text. Fails with {@link
     * TooManyUnknownException} when too many that are not known here come from one network.
     *
     * @param network the key of the client's network; asked for only when the token is not remembered
     */
    public Uni<Optional<Caller>> verify(String token, Set<TokenKind> kinds, Supplier<String> network) {
        return credentialKey(token, kinds, network)
                .chain(shown -> shown.isEmpty()
                        ? Uni.createFrom().item(Optional.<Caller>empty())
                        : credentials.of(shown.get(), network))
                .map(found -> found.filter(identity -> kinds.contains(identity.kind())));
    }

    /** Whether {@code token} could be a credential at all, good or not. */
    public boolean understands(String token) {
        return TokenSecret.isPlausible(token) || isJwt(token);
    }

    /** Whether a user may be called that. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES
                && name.indexOf('\0') < 0
                // Has no UTF-8 form, and another name would be looked for.
                && name.codePoints().noneMatch(point -> Character.getType(point) == Character.SURROGATE);
    }

    private boolean isJwt(String token) {
        return jwts.isPresent() && jwts.get().recognises(token);
    }

    /** A signed token counts as one of kind {@code bearer}. */
    private Uni<? extends Optional<? extends CredentialKey>> credentialKey(
            String token, Set<TokenKind> kinds, Supplier<String> network) {
        if (kinds.contains(TokenKind.BEARER) && isJwt(token)) {
            return jwts.orElseThrow().subject(token, network);
        }
        return Uni.createFrom()
                .item(
                        token.length() < MIN_TOKEN || token.length() > TokenHash.MAX_TEXT
                                ? Optional.empty()
                                : Optional.of(TokenHash.of(token)));
    }

    /**
     * Checks a name and a password. Takes as long when there is no such name.
     *
     * @param network the key of the network from which they came
     */
    public Uni<LoginOutcome> login(String username, String password, String network) {
        Optional<Duration> wait = limiter.enter(username, network);
        if (wait.isPresent()) {
            return Uni.createFrom().item(new LoginOutcome.Throttled(wait.get()));
        }
        // A name too long for the store takes the same way with a name that nobody has.
        String name = isName(username) ? username : "";
        return users.findByName(name)
                .chain(found -> passwords
                        .verify(password, found.map(UserStore.Credentials::passwordHash), asker(network, name))
                        .map(matches -> outcome(matches, found)))
                .invoke(outcome -> settle(outcome, username, network))
                .onFailure()
                .invoke(failure -> limiter.undecided(username, network))
                .onFailure(Passwords.BusyException.class)
                .recoverWithItem(new LoginOutcome.Throttled(Duration.ofSeconds(1)));
    }

    /**
     * A bearer token for somebody who has just logged in. Fails with {@link AuthenticationFailedException} when the
     * password was changed in the meantime.
     */
    public Uni<IssuedToken> issueLogin(LoginOutcome.Welcome who) {
        return unlessChanged(who, issueLogin(who.user().id(), who.user().username()));
    }

    /** A refresh cookie, in the same way. */
    public Uni<IssuedToken> issueRefresh(LoginOutcome.Welcome who) {
        return unlessChanged(
                who, issue(who.user().id(), who.user().username(), TokenKind.REFRESH, "", lifetimes.refresh()));
    }

    /** A bearer token for somebody who is known. */
    public Uni<IssuedToken> issueLogin(long userId, String username) {
        return issue(userId, username, TokenKind.BEARER, TokenSecret.SESSION, lifetimes.login());
    }

    /** A bearer token for somebody who has just logged in, counted among those of {@code refresh}. */
    public Uni<IssuedToken> issueLogin(LoginOutcome.Welcome who, IssuedToken refresh) {
        return unlessChanged(
                who, issueAccess(refresh.id(), who.user().id(), who.user().username()));
    }

    /**
     * A bearer token for the holder of a refresh token. At most {@link #ACCESS_TOKENS_PER_REFRESH} of those are alive:
     * the oldest ends. Fails with {@link AuthenticationFailedException} when the refresh token has ended.
     */
    public Uni<IssuedToken> issueAccess(Caller holder) {
        return issueAccess(holder.tokenId(), holder.userId(), holder.principal());
    }

    private Uni<IssuedToken> issueAccess(long refreshId, long userId, String username) {
        TokenSecret secret = TokenSecret.draw(TokenSecret.SESSION);
        Duration lifetime = lifetimes.login();
        return tokens.createUnder(
                        refreshId,
                        newToken(secret, userId, username, TokenKind.BEARER, lifetime),
                        ACCESS_TOKENS_PER_REFRESH)
                .map(derived -> {
                    if (derived.isEmpty()) {
                        throw new AuthenticationFailedException();
                    }
                    credentials.made(secret.hash());
                    Set<Long> ended = Set.copyOf(derived.get().ended());
                    if (!ended.isEmpty()) {
                        credentials.forget(identity -> ended.contains(identity.tokenId()));
                    }
                    return new IssuedToken(derived.get().id(), secret, lifetime);
                });
    }

    /** A session in the courses API. */
    public Uni<IssuedToken> issueSession(User user) {
        return issue(user.id(), user.username(), TokenKind.SID, "", lifetimes.session());
    }

    /** Ends a token shown by its owner; nothing happens when it is none. */
    public Uni<Void> logout(String token) {
        if (token.length() > TokenHash.MAX_TEXT) {
            return Uni.createFrom().voidItem();
        }
        TokenHash hash = TokenHash.of(token);
        return tokens.revoke(hash).invoke(revoked -> credentials.forget(hash)).replaceWithVoid();
    }

    public Uni<Optional<User>> findUser(long id) {
        return users.find(id);
    }

    public Uni<Optional<User>> findUserByEmail(String email) {
        return users.findByEmail(email);
    }

    public Uni<Optional<User>> findUserByName(String username) {
        return users.findByName(username).map(found -> found.map(UserStore.Credentials::user));
    }

    public Uni<List<User>> listUsers(long after, int limit) {
        return users.list(after, limit);
    }

    public Uni<UserStore.Creation> createUser(
            Caller actor, String username, Optional<String> email, String password, List<Permission> permissions) {
        return audited(actor, "create-user", "user " + username, "permissions " + describe(permissions))
                .chain(() -> passwords.hash(password))
                .chain(hash -> users.create(new UserStore.NewUser(username, email, hash, permissions)))
                .invoke(created -> credentials.made(new JwtSubject(username)));
    }

    /** A new password ends all tokens of the user but partner keys. */
    public Uni<UserStore.Changing> changeUser(
            Caller actor,
            long id,
            Optional<String> email,
            Optional<String> password,
            Optional<List<Permission>> permissions) {
        String what = (password.isPresent() ? "password " : "")
                + (email.isPresent() ? "email " : "")
                + permissions.map(all -> "permissions " + describe(all)).orElse("");
        return audited(actor, "change-user", "user-id " + id, what.strip())
                .chain(() -> password.isPresent()
                        ? passwords.hash(password.get()).map(Optional::of)
                        : Uni.createFrom().item(Optional.<String>empty()))
                .chain(hash -> users.change(id, new UserStore.Change(email, hash, permissions)))
                .invoke(changed -> credentials.forget(identity -> identity.userId() == id));
    }

    /** Its tokens stay, so that they can be told from invented ones; they open nothing. */
    public Uni<Boolean> deleteUser(Caller actor, long id) {
        return audited(actor, "delete-user", "user-id " + id, "")
                .chain(() -> users.delete(id))
                .invoke(deleted -> credentials.forget(identity -> identity.userId() == id));
    }

    /** A token for somebody else. Empty when there is no such user. */
    public Uni<Optional<IssuedToken>> createToken(
            Caller actor, String username, TokenKind kind, Optional<Duration> lifetime) {
        return users.findByName(username).chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().item(Optional.<IssuedToken>empty());
            }
            User user = found.get().user();
            return audited(actor, "create-token", kind.name().toLowerCase(java.util.Locale.ROOT), "user " + username)
                    .chain(() -> issue(
                            user.id(),
                            username,
                            kind,
                            kind == TokenKind.BEARER ? TokenSecret.ACCESS : "",
                            lifetime.orElse(usual(kind))))
                    .map(Optional::of);
        });
    }

    /** Ends somebody's token, at other gateways within the seconds for which they remember it. */
    public Uni<Boolean> revokeToken(Caller actor, long id) {
        return audited(actor, "revoke-token", "token-id " + id, "")
                .chain(() -> tokens.revoke(id))
                .invoke(revoked -> credentials.forget(identity -> identity.tokenId() == id));
    }

    /** The first user, with all permissions, when there is no user at all. */
    public Uni<Optional<User>> bootstrap(String username, String password) {
        List<Permission> all =
                Permission.ALL.stream().sorted().map(Permission::everywhere).toList();
        return users.list(0, 1)
                .chain(there -> there.isEmpty()
                        ? passwords
                                .hash(password)
                                .chain(hash ->
                                        users.createFirst(new UserStore.NewUser(username, Optional.empty(), hash, all)))
                        : Uni.createFrom().item(Optional.<User>empty()));
    }

    /** Forgets tokens that ended long ago. */
    public Uni<Integer> sweep() {
        return tokens.sweep();
    }

    private Duration usual(TokenKind kind) {
        return switch (kind) {
            case BEARER -> lifetimes.login();
            case REFRESH -> lifetimes.refresh();
            case SID -> lifetimes.session();
            case PARTNER -> TokenLifetimes.MAX;
        };
    }

    /**
     * A new password ends the tokens that are there. Checking a password takes long, so one may be made a moment after
     * that: it is looked at once more when it is there, and then one of the two has seen the other.
     */
    private Uni<IssuedToken> unlessChanged(LoginOutcome.Welcome who, Uni<IssuedToken> issued) {
        return issued.chain(token -> users.findByName(who.user().username())
                .map(found -> found.filter(now ->
                        now.user().id() == who.user().id() && now.passwordHash().equals(who.passwordHash())))
                .chain(same -> same.isPresent()
                        ? Uni.createFrom().item(token)
                        : tokens.revoke(token.secret().hash()).map(ended -> {
                            throw new AuthenticationFailedException();
                        })));
    }

    private Uni<IssuedToken> issue(long userId, String username, TokenKind kind, String prefix, Duration lifetime) {
        TokenSecret secret = TokenSecret.draw(prefix);
        return tokens.create(newToken(secret, userId, username, kind, lifetime)).map(id -> {
            credentials.made(secret.hash());
            return new IssuedToken(id, secret, lifetime);
        });
    }

    private static TokenStore.NewToken newToken(
            TokenSecret secret, long userId, String username, TokenKind kind, Duration lifetime) {
        return new TokenStore.NewToken(
                secret.hash(), kind, secret.shown(), userId, username, lifetime, kind == TokenKind.SID);
    }

    private void settle(LoginOutcome outcome, String username, String network) {
        if (outcome instanceof LoginOutcome.Welcome) {
            limiter.succeeded(username, network);
            rightLately.put(TokenHash.of(network + '\n' + username), true);
        }
    }

    private FairExecutor.Asker asker(String network, String name) {
        return new FairExecutor.Asker(
                network, name, rightLately.getIfPresent(TokenHash.of(network + '\n' + name)) != null);
    }

    private static LoginOutcome outcome(boolean matches, Optional<UserStore.Credentials> found) {
        return matches && found.isPresent()
                ? new LoginOutcome.Welcome(found.get().user(), found.get().passwordHash())
                : new LoginOutcome.Refused();
    }

    private Uni<Void> audited(Caller actor, String what, String object, String whose) {
        return audit.record(new AuditTrail.Entry(actor.principal(), what, object, whose, Optional.empty()));
    }

    private static String describe(List<Permission> permissions) {
        return String.join(
                " ",
                permissions.stream()
                        .map(held -> held.scope().isEmpty() ? held.name() : held.name() + ":" + held.scope())
                        .toList());
    }
}
