"""What a collector in Python does with the same transcripts: parse every line, name each row, put its usage into a table with the keys it is asked by.

usage: history-baseline.py STATE_DIRECTORY DATABASE
"""

import base64
import hashlib
import json
import os
import sqlite3
import sys
from datetime import datetime

columns = "row, at_ms, agent, session, provider, model, api, stop, input, output, cache_read, cache_write, reported, imported"


def rows_of(path, agent):
    session = os.path.basename(path).split(".")[0]
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            message = row.get("message") or {}
            usage = message.get("usage")
            if not usage:
                continue
            counts = [int(usage.get(name) or 0) for name in ("input", "output", "cacheRead", "cacheWrite")]
            if sum(counts) == 0:
                continue
            begun = message.get("timestamp")
            said = [row.get("id"), begun, message.get("provider"), message.get("model"), message.get("responseId") or "", *counts]
            name = base64.urlsafe_b64encode(hashlib.sha256("\n".join(map(str, said)).encode()).digest())[:16].decode()
            at_ms = int(datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00")).timestamp() * 1000)
            reported = round((usage.get("cost") or {}).get("total", 0) * 1e9)
            yield (name, at_ms, agent, session, message.get("provider"), message.get("model"), message.get("api"), message.get("stopReason"), *counts, reported, 1)


def main(state, database):
    if os.path.exists(database):
        os.remove(database)
    db = sqlite3.connect(database)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(
        "CREATE TABLE calls(row TEXT NOT NULL UNIQUE, at_ms INTEGER, agent TEXT, session TEXT, provider TEXT, model TEXT, api TEXT, stop TEXT, "
        "input INTEGER, output INTEGER, cache_read INTEGER, cache_write INTEGER, reported INTEGER, imported INTEGER)"
    )
    db.execute("CREATE INDEX calls_by_time ON calls(at_ms)")
    agents = os.path.join(state, "agents")
    for agent in sorted(os.listdir(agents)):
        sessions = os.path.join(agents, agent, "sessions")
        for name in sorted(os.listdir(sessions)):
            if name.endswith(".jsonl"):
                found = list(rows_of(os.path.join(sessions, name), agent))
                db.executemany(f"INSERT OR IGNORE INTO calls({columns}) VALUES ({', '.join('?' * 14)})", found)
                db.commit()
    print(db.execute("SELECT count(*), sum(input + output + cache_read + cache_write) FROM calls").fetchone())


main(*sys.argv[1:3])
