/** What happened at the outbound gate, in order, and which messages came in on the channels it watches: what its state is made of, and what is shown of it. */
import { stringOf } from "../base/json.ts"
import type { Projection } from "./projection.ts"

export const outbound: Projection = {
  name: "outbound",
  version: 1,
  tables: ["outbound_events", "outbound_seen"],
  schema: `
    CREATE TABLE outbound_events(sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, channel TEXT NOT NULL, peer TEXT NOT NULL, at_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;
    CREATE INDEX outbound_events_by_peer ON outbound_events(channel, peer);
    CREATE TABLE outbound_seen(name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX outbound_seen_by_sequence ON outbound_seen(sequence);`,
  prepare: (database) => {
    const add = database.prepare("INSERT INTO outbound_events(sequence, type, channel, peer, at_ms, facts) VALUES (?, ?, ?, ?, ?, ?)")
    const seen = database.prepare("INSERT OR IGNORE INTO outbound_seen(name, sequence, at_ms) VALUES (?, ?, ?)")
    return ({ sequence, header, facts }) => {
      if (header.type === "message.received") {
        const name = stringOf(facts()["guarded"])
        if (name !== undefined) seen.run(name, sequence, header.timeMs)
      } else if (header.type.startsWith("outbound.")) {
        const { id: _id, user: _user, config: _config, ...own } = facts()
        add.run(sequence, header.type, stringOf(own["channel"]) ?? "", stringOf(own["peer"]) ?? "", header.timeMs, JSON.stringify(own))
      }
    }
  },
}
