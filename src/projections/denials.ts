/** Tool calls that were refused, and installs that were asked for, one row each in the order of time: what spikes and installs are found from. */
import { stringOf } from "../base/json.ts"
import { happenedMs } from "./happened.ts"
import type { Projection } from "./projection.ts"

export const denials: Projection = {
  name: "denials",
  version: 1,
  tables: ["denials", "installs"],
  schema: `
    CREATE TABLE denials(sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, tool TEXT NOT NULL, denied_by TEXT NOT NULL) STRICT;
    CREATE INDEX denials_by_time ON denials(at_ms, sequence, tool, denied_by);
    CREATE TABLE installs(sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;
    CREATE INDEX installs_by_time ON installs(at_ms);`,
  prepare: (database) => {
    const denial = database.prepare("INSERT INTO denials(sequence, at_ms, tool, denied_by) VALUES (?, ?, ?, ?)")
    const install = database.prepare("INSERT INTO installs(sequence, at_ms, facts) VALUES (?, ?, ?)")
    return (entry) => {
      const { type } = entry.header
      if (type === "install.requested") install.run(entry.sequence, happenedMs(entry), JSON.stringify(entry.facts()))
      if (type !== "tool.denied") return
      const facts = entry.facts()
      denial.run(entry.sequence, happenedMs(entry), stringOf(facts["tool"]) ?? "unknown", stringOf(facts["deniedBy"]) ?? "unknown")
    }
  },
}
