/** What `doctor` looks at, and what it finds: a check is a row with one small function. */
import type { Fault } from "../../base/fault.ts"
import type { Json } from "../../base/json.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import type { LedgerAccess } from "../ledger-access.ts"

export type Finding = {
  /** The check that found it. */
  readonly name: string
  readonly state: "good" | "wrong" | "unknown"
  readonly words: string
  /** The command that mends it, or shows what there is to see. */
  readonly remedy: string | null
  readonly fix?: Fix
}

/** What mends it and can do no harm: a mode of files of ours, or the end of what is made anew anyway. */
export type Fix = { readonly paths: readonly string[]; readonly mode: number | "removed" }

/** What the host knows, as far as it could be asked. */
export type HostFacts = {
  /** Why its command cannot be asked; null when it can. */
  readonly problem: Fault | null
  /** Undefined when it was not asked, null when it does not know the plugin. */
  readonly plugin: { readonly version: string | undefined } | null | undefined
  /** The plugin's settings as they are written; null where they could not be read. */
  readonly settings: Readonly<Record<string, unknown>> | null
  /** What is wrong with them. */
  readonly invalid: Fault | null
  readonly mayReadConversations: boolean | null
}

export type Examined = {
  readonly host: HostFacts
  readonly files: LedgerFiles
  /** Whose files are ours; null where users have no numbers. */
  readonly uid: number | null
  readonly keyFile: string | null
  readonly socket: string
  readonly isService: boolean
  readonly version: string
  readonly code: string
  readonly nowMs: number
  /** What a running writer says of itself. */
  readonly writer: Json
  /** Room on the disk of the ledger; null where there is none yet. */
  readonly leftBytes: number | null
  /** Variables that a reference may name. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A check that needs the ledger opened, and one that does not: those are made first, since reading mends some of what they look at. */
export type FilesCheck = { readonly name: string; readonly look: (examined: Examined) => readonly Finding[] }
export type LedgerCheck = { readonly name: string; readonly look: (access: LedgerAccess, examined: Examined) => readonly Finding[] }

export function good(name: string, words: string): Finding {
  return { name, state: "good", words, remedy: null }
}

export function wrong(name: string, words: string, remedy: string | null, fix?: Fix): Finding {
  return { name, state: "wrong", words, remedy, ...(fix && { fix }) }
}

export function unknown(name: string, words: string, remedy: string | null = null): Finding {
  return { name, state: "unknown", words, remedy }
}
