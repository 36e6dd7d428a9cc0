/**
 * Done to views.db, from which `status` and lists are answered. verify never looks at it: nothing in it is evidence, and it may be deleted at any time.
 * What finds the edit is what makes it harmless: the tables are computed anew from the journal, and differ.
 */
import { JournalReader } from "../../journal/reader.ts"
import { projections } from "../../projections/projection-list.ts"
import { ViewStore } from "../../projections/view-store.ts"
import { sha256 } from "../../format/sha256.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { Crime, Scene } from "../crime.ts"
import type { Judgement } from "../judgement.ts"

const sliceEntries = 2_000

const editedViews: Crime = {
  name: "edited views",
  words: "changes the counts of events in views.db",
  holds: "the page key",
  foundBy: "the tables computed anew from the journal, which differ; verify never reads views.db",
  commit: (scene) => {
    withReader(scene, (reader) => {
      const views = ViewStore.open(scene.copy.files.views, scene.keys.viewsKey)
      views.catchUp(reader, { sliceEntries })
      views.database.exec("UPDATE activity SET count = count + 1 WHERE type = (SELECT min(type) FROM activity)")
      views.close()
    })
    return undefined
  },
  judge: (scene) => withReader(scene, (reader) => judgement(scene, reader)),
}

export const viewCrimes: readonly Crime[] = [editedViews]

function judgement({ copy, keys }: Scene, reader: JournalReader): Judgement {
  const edited = ViewStore.open(copy.files.views, keys.viewsKey)
  const anew = ViewStore.inMemory()
  try {
    edited.catchUp(reader, { sliceEntries })
    anew.catchUp(reader, { sliceEntries })
    const differing = projections.flatMap(({ tables }) => tables).filter((table) => digestOf(edited.database, table) !== digestOf(anew.database, table))
    const found = differing.length > 0
    return {
      found,
      sentence: found ? `computed anew from the journal, ${differing.join(", ")} says something else` : "computed anew, every table is the same",
      named: [],
    }
  } finally {
    edited.close()
    anew.close()
  }
}

function digestOf(views: SqliteDatabase, table: string): string {
  let digest: Buffer = Buffer.alloc(0)
  const columns = views.prepare(`SELECT * FROM ${table}`).columns()
  for (const row of views
    .prepare(`SELECT * FROM ${table} ORDER BY ${columns.map((_, at) => at + 1).join()}`)
    .raw()
    .iterate())
    digest = sha256(Buffer.concat([digest, Buffer.from(JSON.stringify(row))]))
  return digest.toString("hex")
}

function withReader<T>({ copy, keys }: Scene, run: (reader: JournalReader) => T): T {
  const reader = JournalReader.open(copy.files, keys)
  try {
    return run(reader)
  } finally {
    reader.close()
  }
}
