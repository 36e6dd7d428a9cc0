/** What the real verification says of a copy: whether it is found out that something was changed, in which words, and which entries are named. */
import { Fault, problemOf } from "../base/fault.ts"
import type { KeptNote } from "../journal/checkpoint-notes.ts"
import { JournalReader } from "../journal/reader.ts"
import type { VerifiedLedger, VerifyOptions } from "../journal/verify-store.ts"
import { openKeyStore, type OpenKeys } from "../vault/key-store.ts"
import type { MasterSecret } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"
import type { VerifyReport } from "../verify/verdict.ts"
import { existsSync, readFileSync } from "node:fs"
import type { StoreCopy } from "./store-copy.ts"

export type Verifier = (ledger: VerifiedLedger, options: VerifyOptions) => VerifyReport

/** Sequences, inclusive. */
export type NamedRange = { readonly from: number; readonly to: number }

export type Judgement = {
  readonly found: boolean
  /** The first thing that is said of it. */
  readonly sentence: string
  readonly named: readonly NamedRange[]
}

export type JudgeOptions = {
  readonly verify: Verifier
  readonly keys: OpenKeys
  readonly secret: MasterSecret
  readonly against?: readonly KeptNote[]
}

/** A refusal to open is found as well, when it says what is wrong with the files. */
const telling: ReadonlySet<string> = new Set(["store.damaged", "store.incomplete", "store.absent", "store.newer-format", "key.wrong"])

export function judge(copy: StoreCopy, options: JudgeOptions): Judgement {
  try {
    const { found, sentence, named } = judgementOf(verifyCopy(copy, options))
    return { found, sentence: withoutPlace(sentence, copy), named }
  } catch (error) {
    if (!(error instanceof Fault) || !telling.has(error.code)) throw error
    return { found: true, sentence: withoutPlace(problemOf(error), copy), named: [] }
  }
}

/** Where the copy stands says nothing to anybody. */
function withoutPlace(words: string, { root, files }: StoreCopy): string {
  return words.replaceAll(`${files.directory}/`, "").replaceAll(`${root}/`, "")
}

/** As a command would: the keys from the copy's keys.json, everything opened anew. */
export function verifyCopy({ files }: StoreCopy, { verify, keys: asTaken, secret, against = [] }: JudgeOptions): VerifyReport {
  const isSame = readFileSync(files.keys).equals(Buffer.from(`${JSON.stringify(asTaken.store, null, 2)}\n`))
  const keys = isSame ? asTaken : openKeyStore(files.directory, secret) // a passphrase is stretched once, not for each crime
  const scopes = existsSync(files.scopes) ? ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true }) : undefined
  try {
    const reader = JournalReader.open(files, keys)
    try {
      return verify({ files, keys, reader, scopes }, { payloads: true, against })
    } finally {
      reader.close()
    }
  } finally {
    scopes?.close()
  }
}

function judgementOf({ verdict, problems, notes }: VerifyReport): Judgement {
  const [first] = problems
  return {
    found: verdict === "invalid",
    sentence: first?.what ?? `${verdict}${notes.length > 0 ? `: ${notes.join(" ")}` : ""}`,
    named: problems.map(({ from, to }) => ({ from, to })),
  }
}
