/** A month's statement as text: totals first, then accounts, then what it was consumed for, then what is not as it should be. */
import { objectOf } from "../../base/json.ts"
import type { AmountsJson } from "../../ledger/amounts.ts"
import type { NoteCheck } from "../../views/completeness-statement.ts"
import type { ConsumptionRow, Statement } from "../../views/statement.ts"
import type { Terminal } from "../cli/terminal.ts"
import { columnWords, gradeWords, noName, signedWords } from "./statement-words.ts"
import { countWords, plain } from "./words.ts"

const mostShown = 40
const columns = Object.keys(columnWords) as (keyof typeof columnWords)[]

export function monthText(statement: Statement, signedBy: { readonly size: number; readonly name: string }, { colors }: Terminal): string {
  const { accounts, corrections, totalCorrections, refused } = statement
  const lines = [
    `${colors.bold("Statement")}   ${colors.bold(statement.month)}   ${statement.zone}, ${statement.from} to ${statement.until}`,
    ...(statement.provisional ? [`  ${colors.yellow("!")} The month is not over: more may come.`] : []),
    `  counted from ${countWords(signedBy.size, "entry", "entries")} of ${plain(signedBy.name)}`,
    "",
    ...columns.map((column) => `  ${columnWords[column].padEnd(12)} ${signedWords(statement.totals[column])}`),
    ...accountLines(accounts, colors.bold("Accounts")),
    ...consumptionLines(colors.bold("By model"), statement.byModel),
    ...consumptionLines(colors.bold("By tool"), statement.byTool),
    ...consumptionLines(`${colors.bold("By budget")} (a spend counts in each it matched)`, statement.byBudget),
    ...consumptionLines(
      colors.bold("How well it is known"),
      statement.byGrade.map((row) => ({ ...row, name: gradeWords[row.name ?? ""] ?? row.name })),
    ),
    ...(totalCorrections === 0 ? [] : ["", `${colors.bold("Corrections")}: ${totalCorrections.toLocaleString("en")}`]),
    ...shown(corrections).map(
      ({ sequence, corrects, reason, debit, credit, amounts }) =>
        `  #${sequence}  ${signedWords(amounts)} from ${plain(credit)} to ${plain(debit)}, of ${plain(corrects)}: ${plain(reason)}`,
    ),
    "",
    `${colors.bold("Refused")}: ${refused.total.toLocaleString("en")}${refused.stopped === 0 ? "" : `, and ${countWords(refused.stopped, "model call")} stopped`}`,
    ...refused.byReason.map(({ why, count }) => `  ${count.toLocaleString("en").padStart(8)}  ${plain(why)}`),
  ]
  return `${lines.join("\n")}\n`
}

function accountLines(accounts: Statement["accounts"], title: string): readonly string[] {
  if (accounts.length === 0) return ["", "No account was given or consumed anything."]
  const rows = shown(accounts).map(({ account, ...row }) => {
    const parts = columns.flatMap((column) => (Object.keys(row[column]).length === 0 ? [] : [`${columnWords[column]} ${signedWords(row[column])}`]))
    return `  ${plain(account)}: ${parts.join("; ") || "nothing"}`
  })
  return ["", title, ...rows, ...more(accounts)]
}

function consumptionLines(title: string, rows: readonly ConsumptionRow[]): readonly string[] {
  if (rows.length === 0) return []
  const lines = shown(rows).map(({ name, times, amounts }) => `  ${plain(name ?? noName)}: ${signedWords(amounts)} in ${countWords(times, "posting")}`)
  return ["", title, ...lines, ...more(rows)]
}

function shown<T>(rows: readonly T[]): readonly T[] {
  return rows.slice(0, mostShown)
}

function more(rows: readonly unknown[]): readonly string[] {
  return rows.length > mostShown ? [`  and ${(rows.length - mostShown).toLocaleString("en")} more; --format json has all of them`] : []
}

export function checkedMonthText(found: NoteCheck, file: string, { colors }: Terminal): string {
  if (!found.ok) return `${colors.red(colors.bold("NOT GOOD"))}   ${plain(file)}: ${plain(found.why)}\n`
  const { month, zone, generatedAt, provisional, totals, origin } = found.statement
  const { consumed, closing } = objectOf(totals)
  const text = (value: unknown) => plain(typeof value === "string" ? value : "?")
  const lines = [
    `${colors.green(colors.bold("GOOD"))}   ${plain(file)}: the statement of ${text(month)} (${text(zone)}) as ${text(origin)} signed it`,
    `  told ${text(generatedAt)}${provisional === true ? ", before the month was over" : ""}, of a journal of ${countWords(found.size, "entry", "entries")}`,
    `  consumed ${signedWords(amountsTold(consumed))}; closing ${signedWords(amountsTold(closing))}`,
  ]
  return `${lines.join("\n")}\n`
}

/** The ledger signed them; that they are numbers is looked at all the same. */
function amountsTold(value: unknown): AmountsJson {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([, text]) => typeof text === "string" && /^-?\d{1,40}$/.test(text)))
}
