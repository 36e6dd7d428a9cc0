/** The ledger's state as an entry that closes others carries it on, and as it is taken from there. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { Fault } from "../base/fault.ts"
import { stringOf, type JsonObject } from "../base/json.ts"
import type { Closing } from "../journal/closing.ts"
import { journalName } from "../journal/files.ts"
import { snapshotText, stateFrom } from "../ledger/snapshot.ts"
import type { LedgerState } from "../ledger/state.ts"

const packing = { params: { [constants.ZSTD_c_compressionLevel]: 9 } }
/** Of 16,384 ids of each kind with what they came to: several times what they ever take. */
const mostRemembered = 256 * 2 ** 20

/** `balances` is what anybody can read; `remembered` are the ids by which a command that is repeated is known. */
export function closedFacts(state: LedgerState): { readonly balances: JsonObject; readonly remembered: string } {
  const [current = "", ...lines] = snapshotText(state).split("\n")
  return { balances: JSON.parse(current) as JsonObject, remembered: zstdCompressSync(lines.join("\n"), packing).toString("base64") }
}

/** The text that `stateFrom` reads. */
export function closedText({ facts, sequence }: Closing): string {
  try {
    const remembered = zstdDecompressSync(Buffer.from(stringOf(facts["remembered"]) ?? "", "base64"), { maxOutputLength: mostRemembered }).toString("utf8")
    return `${JSON.stringify(facts["balances"])}${remembered === "" ? "" : "\n"}${remembered}`
  } catch (error) {
    throw new Fault("store.damaged", { file: journalName, problem: `what entry #${sequence} carries on cannot be read` }, error)
  }
}

export function closedState(closing: Closing): LedgerState {
  const state = stateFrom(closedText(closing))
  // To begin with less would be to refill what was spent.
  if (!state) throw new Fault("store.newer-format", { file: journalName, found: "other balances", known: "these" })
  return state
}
