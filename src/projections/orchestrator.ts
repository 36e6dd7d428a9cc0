/** What happened between sessions, their orchestrators and their workers, in order: what its state is made of, and what is shown of it. */
import { stringOf } from "../base/json.ts"
import type { Projection } from "./projection.ts"

export const orchestrator: Projection = {
  name: "orchestrator",
  version: 1,
  tables: ["orchestrator_events"],
  schema: `
    CREATE TABLE orchestrator_events(sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, session TEXT NOT NULL, at_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT;
    CREATE INDEX orchestrator_events_by_time ON orchestrator_events(at_ms);`,
  prepare: (database) => {
    const add = database.prepare("INSERT INTO orchestrator_events(sequence, type, session, at_ms, facts) VALUES (?, ?, ?, ?, ?)")
    return ({ sequence, header, facts }) => {
      if (!header.type.startsWith("orchestrator.")) return
      const { id: _id, user: _user, config: _config, ...own } = facts()
      add.run(sequence, header.type, stringOf(own["session"]) ?? "", header.timeMs, JSON.stringify(own))
    }
  },
}
