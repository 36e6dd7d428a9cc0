/** Names of events that import could find again in the host's stores: what is on record under one is not recorded twice. */
import { stringOf } from "../base/json.ts"
import { importableTypes } from "../format/facts/history.ts"
import { rowNameLength } from "../format/row-name.ts"
import { sha256Base64url } from "../format/sha256.ts"
import type { Projection } from "./projection.ts"

const types: ReadonlySet<string> = new Set(importableTypes)

export const knownEvents: Projection = {
  name: "known-events",
  version: 2,
  tables: ["known_events"],
  schema: "CREATE TABLE known_events(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
  prepare: (database) => {
    const add = database.prepare("INSERT OR IGNORE INTO known_events(name) VALUES (?)")
    return ({ header, facts }) => {
      if (types.has(header.type)) add.run(stringOf(facts()["row"]) ?? sha256Base64url(facts().id).slice(0, rowNameLength))
    }
  },
}
