/**
 * A month's statement as a small file somebody else can check: a C2SP signed note by the ledger's key, as `completeness-statement.ts` has it.
 *
 *   sovereign-ledger spending statement v1            a first line no checkpoint has
 *   {"schemaVersion":1,"month":"2026-11",…}           one line of JSON
 *   1234                                              size of our journal
 *   n7f3…=                                            its root hash
 *                                                     (empty line)
 *   — sovereign-ledger/5f0c… <signature>
 */
import type { JsonObject } from "../base/json.ts"
import type { StatementForm } from "./completeness-statement.ts"
import type { CountedStatement } from "./statement.ts"
import type { SignedHead } from "./signed-head.ts"

export const spendingForm: StatementForm = {
  head: "sovereign-ledger spending statement v1",
  name: "spending statement",
  // A quarter of a kilobyte an account, and sessions may have one each.
  mostBytes: 64 * 1024 * 1024,
  accepts: ({ month, totals }) => typeof month === "string" && typeof totals === "object",
}

export function signedMonth({ statement, size, root }: CountedStatement, generatedAt: string, origin: string, { signer, chain }: SignedHead): string {
  const handOvers = chain.notes.length === 0 ? {} : { handOvers: chain.notes }
  const body: JsonObject = { schemaVersion: 1, generatedAt, origin, ...statement, ...handOvers }
  return signer.note({ origin: `${spendingForm.head}\n${JSON.stringify(body)}`, size, root })
}
