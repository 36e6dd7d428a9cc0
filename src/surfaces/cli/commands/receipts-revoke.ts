/** sovereign-ledger receipts revoke */
import { Fault } from "../../../base/fault.ts"
import { revocationReasons } from "../../../format/peac/revocation.ts"
import type { Revoked } from "../../../operations/receipts/key-revocations.ts"
import { receiptKeys, signedBy } from "../../../views/receipt-keys.ts"
import { countWords } from "../../render/words.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { askerOf, credentialOption, ownLinkOf, unlessRefused } from "../ledger-order.ts"
import { reading } from "./events.ts"

const answerWithinMs = 15_000

export const receiptsRevoke: CommandRow = {
  path: "receipts revoke",
  summary: "Revoke a key that signed receipts: what is signed by it from now on is not good",
  argument: { name: "<kid>", words: "as receipts keys lists it; not the key that signs now" },
  options: [
    { flags: "--reason <reason>", words: `why: ${revocationReasons.join(", ")}`, parse: parseReason },
    { flags: "--yes", words: "do it; without this it is only shown what would be revoked" },
    credentialOption,
  ],
  help: `It cannot be taken back. The key stands in revoked_keys of what receipts keys prints and the gateway publishes, from now on; give who has pinned it the new file.
Receipts it signed before stay good where nobody else has it (superseded, cessation_of_operation, privilege_withdrawn). With key_compromise the thief can write any
time into a receipt, so one alone proves nothing any more; in a bundle signed by another key it is as good as before: make one for who needs them (receipts export).
The key that signs now gives its place away first: key hand-over. Needs the operator's credential, where one is set.

Exit status: 0 revoked, or shown; 1 refused; 2 bad input.

Examples:
  sovereign-ledger receipts revoke kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k --reason superseded
  sovereign-ledger receipts revoke kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k --reason key_compromise --yes`,
  run: async (context, flags, kid = "") => {
    const { terminal, json } = context
    if (flags["reason"] === undefined) throw new Fault("cli.usage", { problem: `Say why with --reason: ${revocationReasons.join(", ")}.` })
    const found = await reading(context, (access) => {
      const { keys } = receiptKeys(access)
      if (!keys.some((key) => key.kid === kid)) throw new Fault("receipt-key.unknown", { kid })
      if (keys.at(-1)?.kid === kid) throw new Fault("receipt-key.signs", { kid })
      return Promise.resolve(signedBy(access, kid))
    })
    const last = found.lastMs === null ? null : new Date(found.lastMs).toISOString()
    const signed = `It signed ${countWords(found.receipts, "receipt")}${last === null ? "" : `, the last at ${last}`}.\n`
    const done = flags["yes"] === true ? await revoke(context, flags, kid) : undefined
    const body = { schemaVersion: 1, revoked: done !== undefined, kid, receipts: found.receipts, lastIssuedAt: last, ...done }
    const words = done ? doneWords(done) : `Nothing was changed. To revoke it, for good: the same command with --yes\n`
    await terminal.write(json ? `${JSON.stringify(body)}\n` : `${signed}${words}`)
    return 0
  },
}

async function revoke(context: CommandContext, flags: Flags, kid: string): Promise<Revoked> {
  const link = ownLinkOf(context)
  const asker = await askerOf(flags)
  await ensureWriter(link)
  return unlessRefused(await askWriter(link, "revoke-key", answerWithinMs, { kid, reason: flags["reason"], ...asker }))
}

function doneWords({ kid, revoked_at: at, reason, repeated }: Revoked): string {
  return `The key ${kid} ${repeated ? "was revoked already" : "is revoked"}, as of ${at} (${reason}).
Give who has pinned it the keys anew: sovereign-ledger receipts keys. For receipts it signed: sovereign-ledger receipts export, which the key that signs now vouches for.
`
}

function parseReason(text: string): string {
  if (!(revocationReasons as readonly string[]).includes(text))
    throw new Fault("cli.usage", { problem: `There is no reason "${text}"; the reasons are ${revocationReasons.join(", ")}.` })
  return text
}
