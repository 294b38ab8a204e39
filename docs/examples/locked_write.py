"""Waits for a lock, writes two lines to a store that checks its token, and releases it. Python 3.9, nothing else."""

import json
import os
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

SERVER = os.environ["LOCKGATE_SERVER"]
CREDENTIAL = "Bearer " + os.environ["LOCKGATE_TOKEN"]
FILE_ID, STORE = sys.argv[1:3]
LEASE_MS = int(os.environ.get("LEASE_MS", "30000"))
WAIT_MS = int(os.environ.get("WAIT_MS", "60000"))
LOCKS = "/v1/files/locks"


class NoAnswer(Exception):
    pass


def call(method, path, body=None, key=None, patience=60):
    """Status and body. Without an answer, or with 429 or 503, it asks again: every call below may be repeated."""
    give_up = time.monotonic() + patience
    while True:
        request = urllib.request.Request(SERVER + path, method=method)
        request.add_header("Authorization", CREDENTIAL)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if key:
            request.add_header("Idempotency-Key", key)
        try:
            # Longer than a call is held, and no longer than there is patience.
            with urllib.request.urlopen(request, timeout=min(35, patience)) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            pass
        if time.monotonic() > give_up:
            raise NoAnswer(method + " " + path)
        time.sleep(1)


class Lock:
    """An exclusive lock on bytes 0 to 4095, renewed until it is released."""

    def __init__(self):
        # An owner of its own for each piece of work: an owner is never in its own way.
        lock = {"mode": ["API_BYTE_RANGE_EXCLUSIVE"], "offset": "0", "size": "4096", "owner_id": "job-%s" % uuid.uuid4()}
        lock.update(lease_ms=LEASE_MS, wait_ms=WAIT_MS)
        # Under its key a repeat finds the lock, or the place in the queue, of the first attempt.
        key = str(uuid.uuid4())
        status, answer = call("POST", "/v1/files/%s/locks/nlm/byte-range/" % FILE_ID, lock, key)
        while status == 202:
            status, answer = call("GET", "%s/waiters/%s?wait_ms=20000" % (LOCKS, answer["waiter_id"]))
        if status != 200:
            sys.exit("no lock: %s" % answer.get("description", status))
        self.id = answer["grant_id"]
        # The first renewal confirms a grant from the queue; until then it is provisional, and its token not good.
        self.token = self.renew()["fencing_token"]
        self.done = threading.Event()
        threading.Thread(target=self.keep, daemon=True).start()

    def renew(self):
        sent = time.monotonic()
        status, grant = call(
            "POST", "%s/nlm/grants/%s/renew" % (LOCKS, self.id), {"lease_ms": LEASE_MS}, patience=LEASE_MS / 4000
        )
        if status != 200:
            self.until = sent
            sys.exit("the lock is lost: %s" % grant.get("description", status))
        # Counted from before the call: the lease began later, in the store.
        self.until = sent + LEASE_MS / 1000
        self.id = grant["grant_id"]
        return grant

    def keep(self):
        while not self.done.wait(LEASE_MS / 4000):
            try:
                self.renew()
            except NoAnswer:
                pass  # the next may be answered; check() looks at the time

    def check(self):
        """Before each step, with some time left for the step."""
        if time.monotonic() > self.until - LEASE_MS / 10000:
            sys.exit("the lock may be lost")

    def release(self):
        self.done.set()
        # 404: it has ended by itself, or a first attempt was not answered.
        call("DELETE", "%s/nlm/grants/%s" % (LOCKS, self.id))


def write(store, token, text):
    """What a storage does: in one step it compares the token with the highest that it has seen, and writes."""
    token = token.zfill(20)  # so that texts compare as the numbers do, up to 2^64
    with store:
        if not store.execute("UPDATE fence SET token = ? WHERE token <= ?", (token, token)).rowcount:
            sys.exit("the store has seen a higher token")
        store.execute("INSERT INTO line (text) VALUES (?)", (text,))


store = sqlite3.connect(STORE)
with store:
    store.execute("CREATE TABLE IF NOT EXISTS fence (id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT)")
    store.execute("CREATE TABLE IF NOT EXISTS line (text TEXT)")
    store.execute("INSERT OR IGNORE INTO fence VALUES (1, '')")

lock = Lock()
for step in ("first", "second"):
    lock.check()
    write(store, lock.token, step)
    time.sleep(float(os.environ.get("WORK_SECONDS", "1")))
lock.release()
print("written under token " + lock.token)
