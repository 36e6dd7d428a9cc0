/**
 * A month's statement as one page: it needs no network and no server, runs no script, and carries the signed note, so that it can be checked without us.
 * Its policy lets nothing in but the style whose hash it names; every text of the ledger is escaped.
 */
import { createHash } from "node:crypto"
import type { ConsumptionRow, Statement } from "../../views/statement.ts"
import { columnWords, gradeWords, noName, signedWords } from "../render/statement-words.ts"
import { countWords, plain } from "../render/words.ts"
import { statementStyle } from "./statement-style.ts"

const columns = Object.keys(columnWords) as (keyof typeof columnWords)[]

export function statementPage(statement: Statement, note: string, origin: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(statementStyle).digest("base64")}'; base-uri 'none'; form-action 'none'`
  const { refused } = statement
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Statement ${shown(statement.month)}</title>
<style>${statementStyle}</style>
</head>
<body>
<main>
<header>
<p class="kind">Statement</p>
<h1>${shown(statement.month)}</h1>
<p class="quiet">${shown(origin)} · ${shown(statement.from)} to ${shown(statement.until)} · ${shown(statement.zone)}</p>
${statement.provisional ? `<p class="warn">The month is not over: more may come.</p>` : ""}
</header>
<dl class="totals">
${columns.map((column) => `<div${column === "closing" ? ` class="closing"` : ""}><dt>${columnWords[column]}</dt><dd>${shown(signedWords(statement.totals[column]))}</dd></div>`).join("\n")}
</dl>
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
</section>
</main>
</body>
</html>
`
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: "th" | "td", row: readonly string[]) => `<tr>${row.map((cell) => `<${tag}>${shown(cell)}</${tag}>`).join("")}</tr>`
  return `<div class="wide"><table>\n<thead>${cells("th", head)}</thead>\n<tbody>\n${rows.map((row) => cells("td", row)).join("\n")}\n</tbody>\n</table></div>`
}

/** What somebody else wrote, as text: marks that turn its direction are shown as what they are. */
function shown(text: string): string {
  return escaped(plain(text))
}

/** No tag, no attribute, no entity that is not made here. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
