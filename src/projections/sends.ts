/** Messages that left, or failed to, one row each in the order of time: what is said of them by day is counted from here, and what was said twice is looked for here. */
import { countOf, stringOf } from "../base/json.ts"
import { happenedMs } from "./happened.ts"
import type { Projection } from "./projection.ts"

export const sends: Projection = {
  name: "sends",
  version: 1,
  tables: ["sends"],
  schema: `
    CREATE TABLE sends(sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, channel TEXT NOT NULL, length INTEGER NOT NULL, success INTEGER NOT NULL) STRICT;
    CREATE INDEX sends_by_time ON sends(at_ms, channel, length, success);`,
  prepare: (database) => {
    const add = database.prepare("INSERT INTO sends(sequence, at_ms, channel, length, success) VALUES (?, ?, ?, ?, ?)")
    return (entry) => {
      if (entry.header.type !== "message.sent") return
      const facts = entry.facts()
      add.run(entry.sequence, happenedMs(entry), stringOf(facts["channel"]) ?? "unknown", countOf(facts["length"]) ?? 0, facts["success"] === true ? 1 : 0)
    }
  },
}
