/** sovereign-ledger transfers */
import { amountsOf, amountsWords } from "../../../ledger/amounts.ts"
import { parseAccount } from "../../../ledger/accounts.ts"
import { transfers, type Transfer } from "../../../views/transfers.ts"
import { plain } from "../../render/words.ts"
import type { CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { reading } from "./events.ts"

export const transfersCommand: CommandRow = {
  path: "transfers",
  summary: "What was posted, newest first: allocations and returns, settlements, spends, corrections",
  options: [
    { flags: "--last <n>", words: "so many of them (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--account <name>", words: "those with this account on one of their sides" },
  ],
  help: `Each line: when, what kind, how much, from which account (credit) to which (debit), and how sure it is: exact from the call's own usage, bound the most it
could cost, counted from usage nothing was held for. Nothing is ever edited: a correction is a posting of its own.

Example:
  sovereign-ledger transfers --account agent:main --last 20`,
  run: (context, flags) => {
    const { terminal, json } = context
    const account = flags["account"] === undefined ? undefined : parseAccount(String(flags["account"]), "sovereign-ledger transfers")
    return reading(context, async (access) => {
      const found = transfers(access, { last: (flags["last"] as number | undefined) ?? 50, account })
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, transfers: found })}\n`)
      else await terminal.write(found.length === 0 ? "Nothing was posted yet.\n" : `${found.flatMap(linesOf).join("\n")}\n`)
      return 0
    })
  },
}

function linesOf({ sequence, at, kind, movements, grade, reason, corrects, late, over }: Transfer): readonly string[] {
  const marks = [grade, late ? "late" : null, over ? "above what was held" : null, corrects === null ? null : `of ${corrects}`, reason].filter(
    (mark) => mark !== null,
  )
  return movements.map(({ debit, credit, amounts }) => {
    const words = amountsWords(amountsOf(amounts)) || "nothing"
    return `#${sequence}  ${at.slice(0, 19).replace("T", " ")}  ${kind.padEnd(10)}  ${plain(credit)} -> ${plain(debit)}: ${words}${marks.length > 0 ? `  (${plain(marks.join("; "))})` : ""}`
  })
}
