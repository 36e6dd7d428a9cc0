/** Amounts of a statement as people read them; below nothing with a minus. */
import { amountWords, type AmountsJson } from "../../ledger/amounts.ts"
import { units } from "../../ledger/units.ts"
import type { Statement } from "../../views/statement.ts"

const nothing = "-"

export function signedWords(amounts: AmountsJson): string {
  const words = units.flatMap((unit) => {
    const text = amounts[unit]
    if (text === undefined) return []
    const amount = BigInt(text)
    return [amount < 0n ? `-${amountWords(unit, -amount)}` : amountWords(unit, amount)]
  })
  return words.length === 0 ? nothing : words.join(", ")
}

export const columnWords = {
  opening: "opening",
  allocated: "allocated",
  transferred: "transferred",
  consumed: "consumed",
  corrected: "corrected",
  closing: "closing",
} as const satisfies { readonly [C in keyof Statement["totals"]]: string }

export const gradeWords: Readonly<Record<string, string>> = {
  exact: "exact: by that call's own usage",
  bound: "bound: no usage came, so the most it could cost",
  counted: "counted: usage without a hold",
}

export const noName = "none named"
