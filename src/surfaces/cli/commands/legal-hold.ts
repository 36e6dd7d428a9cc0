/** sovereign-ledger legal-hold place | list | lift */
import { Fault } from "../../../base/fault.ts"
import { stringOf } from "../../../base/json.ts"
import { legalHolds, type LegalHold } from "../../../vault/erasures.ts"
import { plain } from "../../render/words.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { askerOf, credentialOption, linkOf, unlessRefused } from "../ledger-order.ts"
import { whoIn, whoOptions, whoWords } from "./erase.ts"
import { reading } from "./events.ts"

const answerWithinMs = 15_000

export const legalHoldPlace: CommandRow = {
  path: "legal-hold place",
  summary: "Keep the contents of a session, a person or an agent from being erased",
  options: [...whoOptions, { flags: "--reason <text>", words: "why, for who reads it later" }],
  help: `While it stands, erase refuses everything that touches it, and retention leaves it. Anybody may place one; lifting it is the operator's. Both are entries.

Example:
  sovereign-ledger legal-hold place --agent trader --reason "audit 2026/7"`,
  run: async (context, flags) => {
    const who = whoIn(flags)
    const hold = await ask(context, flags, { who, reason: stringOf(flags["reason"]) ?? "" })
    const words = `The contents of ${whoWords(who)} are held: legal hold ${hold.id}.\nTo lift it: sovereign-ledger legal-hold lift ${hold.id}\n`
    await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, hold: shown(hold) })}\n` : words)
    return 0
  },
}

export const legalHoldList: CommandRow = {
  path: "legal-hold list",
  summary: "What is held",
  help: `The oldest one first.

Example:
  sovereign-ledger legal-hold list`,
  run: (context) =>
    reading(context, async ({ scopes, files }) => {
      if (!scopes) throw new Fault("store.incomplete", { file: files.scopes, other: files.journal })
      const holds = legalHolds(scopes).filter(({ state }) => state !== "lifted")
      const lines = holds.map(
        ({ id, who, reason, placedMs }) => `${id}  ${new Date(placedMs).toISOString()}  ${whoWords(who)}${reason === "" ? "" : `  ${plain(reason)}`}\n`,
      )
      const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), holds: holds.map(shown) }
      await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : lines.length === 0 ? "Nothing is held.\n" : lines.join(""))
      return 0
    }),
}

export const legalHoldLift: CommandRow = {
  path: "legal-hold lift",
  summary: "Let contents be erased again",
  argument: { name: "<hold>", words: "as legal-hold list shows it" },
  options: [credentialOption],
  help: `Erases nothing by itself.

Example:
  sovereign-ledger legal-hold lift 1f2e3d4c`,
  run: async (context, flags, argument) => {
    const hold = await ask(context, flags, { lift: argument })
    const words = `The legal hold ${hold.id} is lifted: the contents of ${whoWords(hold.who)} may be erased.\n`
    await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, hold: shown(hold) })}\n` : words)
    return 0
  },
}

async function ask(context: CommandContext, flags: Flags, asked: object): Promise<LegalHold> {
  const link = linkOf(context)
  const asker = await askerOf(flags)
  await ensureWriter(link)
  return unlessRefused(await askWriter(link, "legal-hold", answerWithinMs, { ...asked, ...asker }))
}

function shown({ id, who, reason, placedMs }: LegalHold) {
  return { id, ...who, reason, placedAt: new Date(placedMs).toISOString() }
}
