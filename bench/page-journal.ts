/** A journal to append to and to read, in two kinds: as it is, and by the same code over a database module that seals no page. */
import { registerHooks } from "node:module"
import { statSync } from "node:fs"
import { JournalReader } from "../src/journal/reader.ts"
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { BatchWriter } from "./writing.ts"

export type PageKind = "plain" | "sealed"

export class PageJournal {
  readonly home: LedgerHome
  readonly writer: BatchWriter

  constructor(kind: PageKind) {
    this.home = makeHome(`pages-${kind}`)
    this.writer = new BatchWriter(this.home)
  }

  /** By a connection of its own, as commands read. */
  reader(): JournalReader {
    return JournalReader.open(this.home.files, this.writer.ledger.keys)
  }

  /** Moves the log into the file and answers the file's bytes. */
  moveLog(): number {
    this.writer.ledger.journal.checkpointLog("TRUNCATE")
    return statSync(this.home.files.journal).size
  }
}

const mark = "?plain"

/** This module once more, and all that it imports, with `plain-database.ts` in the place of `src/vault/database.ts`. */
export async function plainPageJournal(): Promise<typeof PageJournal> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context)
      if (!specifier.startsWith(".") || !context.parentURL?.endsWith(mark)) return found
      if (found.url.endsWith("/src/vault/database.ts")) return next("./plain-database.ts", { ...context, parentURL: import.meta.url })
      return { ...found, url: found.url + mark }
    },
  })
  try {
    return ((await import(import.meta.url + mark)) as { readonly PageJournal: typeof PageJournal }).PageJournal
  } finally {
    hooks.deregister()
  }
}
