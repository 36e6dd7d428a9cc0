/** Totals that `status` shows at once, at any size of the journal: counts and times by type, gaps, and what each tool did. */
import type { Json } from "../base/json.ts"
import type { Projection } from "./projection.ts"

export const activity: Projection = {
  name: "activity",
  version: 1,
  tables: ["activity", "gaps", "tool_activity"],
  schema: `
    CREATE TABLE activity(type TEXT PRIMARY KEY, count INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, last_sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE gaps(sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL) STRICT;
    CREATE TABLE tool_activity(tool TEXT NOT NULL, type TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(tool, type)) STRICT, WITHOUT ROWID;`,
  prepare: (database) => {
    const count = database.prepare(`
      INSERT INTO activity(type, count, first_ms, last_ms, last_sequence) VALUES (?, 1, ?, ?, ?)
      ON CONFLICT(type) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms, last_sequence = excluded.last_sequence`)
    const gap = database.prepare("INSERT INTO gaps(sequence, time_ms, reason, count) VALUES (?, ?, ?, ?)")
    const tool = database.prepare(`
      INSERT INTO tool_activity(tool, type, count) VALUES (?, ?, 1) ON CONFLICT(tool, type) DO UPDATE SET count = count + 1`)
    return ({ sequence, header, facts }) => {
      count.run(header.type, header.timeMs, header.timeMs, sequence)
      if (header.type === "capture.gap") gap.run(sequence, header.timeMs, textOf(facts()["reason"]), countIn(facts()["count"]))
      if (header.type === "tool.invoked" || header.type === "tool.returned" || header.type === "tool.denied") {
        tool.run(textOf(facts()["tool"]), header.type)
      }
    }
  },
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "unknown"
}

function countIn(value: Json | undefined): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0
}
