/**
 * A month's statement as one page: it needs no network and no server, runs no script, and carries the signed note, so that it can be checked without us.
 * Its policy lets nothing in but the style whose hash it names; every text of the ledger is escaped.
 */
import type { ConsumptionRow, Statement } from "../../views/statement.ts"
import { columnWords, gradeWords, noName, signedWords } from "../render/statement-words.ts"
import { countWords } from "../render/words.ts"
import { escaped, table, totals, wholePage } from "./markup.ts"

const columns = Object.keys(columnWords) as (keyof typeof columnWords)[]

export function statementPage(statement: Statement, note: string, origin: string): string {
  const { refused } = statement
  const head = {
    title: `Statement ${statement.month}`,
    kind: "Statement",
    heading: statement.month,
    quiet: [origin, `${statement.from} to ${statement.until}`, statement.zone],
    warning: statement.provisional ? "The month is not over: more may come." : undefined,
  }
  return wholePage(
    head,
    `${totals(columns.map((column) => [columnWords[column], signedWords(statement.totals[column]), column === "closing"]))}
${accountTable(statement)}
${consumption("By model", statement.byModel)}
${consumption("By tool", statement.byTool)}
${consumption("By budget", statement.byBudget, "A spend counts in every budget it matched.")}
${consumption(
  "How well it is known",
  statement.byGrade.map((row) => ({ ...row, name: gradeWords[row.name ?? ""] ?? row.name })),
)}
${corrections(statement)}
<section>
<h2>Refused</h2>
<p>${countWords(refused.total, "time")}${refused.stopped === 0 ? "" : `, and ${countWords(refused.stopped, "model call")} stopped before the request left`}</p>
${
  refused.byReason.length === 0
    ? ""
    : table(
        ["reason", "times"],
        refused.byReason.map(({ why, count }) => [why, count.toLocaleString("en")]),
      )
}
</section>
<section>
<h2>Signed</h2>
<p class="quiet">What stands above is in this note, signed by the ledger's key and bound to the size and root of its journal. Saved to a file, it is checked with
<code>sovereign-ledger statement --check FILE --key KEY</code>; this page itself proves nothing.</p>
<pre>${escaped(note)}</pre>
</section>`,
  )
}

function accountTable({ accounts }: Statement): string {
  if (accounts.length === 0) return ""
  const rows = accounts.map(({ account, ...row }) => [account, ...columns.map((column) => signedWords(row[column]))])
  return `<section>\n<h2>Accounts</h2>\n${table(["account", ...columns.map((column) => columnWords[column])], rows)}\n</section>`
}

function consumption(title: string, rows: readonly ConsumptionRow[], remark = ""): string {
  if (rows.length === 0) return ""
  const cells = rows.map(({ name, times, amounts }) => [name ?? noName, times.toLocaleString("en"), signedWords(amounts)])
  return `<section>\n<h2>${title}</h2>\n${table(["", "postings", "consumed"], cells)}\n${remark === "" ? "" : `<p class="quiet">${remark}</p>\n`}</section>`
}

function corrections({ corrections: rows, totalCorrections }: Statement): string {
  if (totalCorrections === 0) return ""
  const cells = rows.map(({ sequence, amounts, credit, debit, corrects, reason }) => [`#${sequence}`, corrects, credit, debit, reason, signedWords(amounts)])
  return `<section>\n<h2>Corrections: ${totalCorrections.toLocaleString("en")}</h2>\n${table(["entry", "of", "from", "to", "reason", "amount"], cells)}\n</section>`
}
