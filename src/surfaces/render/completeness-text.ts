/** `completeness` on one screen: totals first, then days, then what is missing. */
import { kinds, type Kind } from "../../views/completeness-host.ts"
import type { Completeness, Tally } from "../../views/completeness.ts"
import type { StatementCheck, StatementWindow } from "../../views/completeness-statement.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const plural: { readonly [K in Kind]: string } = { "model call": "Model calls", "tool call": "Tool calls", run: "Runs" }
const columns = ["matched", "missing", "extra", "inGaps", "beforeRecord"] as const
const columnWords: { readonly [C in (typeof columns)[number]]: string } = {
  matched: "matched",
  missing: "missing",
  extra: "extra",
  inGaps: "in gaps",
  beforeRecord: "before",
}
const mostDays = 14
const mostListed = 20

export function completenessText(found: Completeness, window: StatementWindow, terminal: Terminal): string {
  const { colors } = terminal
  const paint = { complete: colors.green, incomplete: colors.red, "not compared": colors.yellow }[found.verdict]
  const lines = [
    `${colors.bold("Completeness")}   ${paint(colors.bold(found.verdict.toUpperCase()))}   ${windowWords(window)}`,
    ...found.problems.map((problem) => `  ${colors.yellow("!")} ${plain(problem)}`),
    `  our record began ${found.recordedSince ?? "not yet"}; read: ${found.stores.map(storeWords).join(", ") || "nothing"}`,
    "",
    colors.dim(`${"".padEnd(14)}${columns.map((column) => columnWords[column].padStart(10)).join("")}`),
    ...kinds.map((kind) => row(plural[kind], found.totals[kind], terminal)),
    gradeLine(found),
    ...dayLines(found, terminal),
    ...listLines("Missing: in the host's stores, not in our record", found.missing, found.totals, "missing", terminal),
    ...extraLines(found, terminal),
    ...(found.apart.length > 0 ? ["", "Apart", ...found.apart.map(({ kind, reason, count }) => `  ${countWords(count, kind)} ${plain(reason)}`)] : []),
    "",
    "Never in the host's stores, so not compared",
    ...found.neverStored.map((words) => `  ${colors.dim("-")} ${words}`),
  ]
  return `${lines.join("\n")}\n`
}

function windowWords({ since, until, run }: StatementWindow): string {
  return `${since === null ? "everything" : since} to ${until}${run === null ? "" : `, run ${plain(run)}`}`
}

function storeWords({ name, state, schemaVersion, rows }: Completeness["stores"][number]): string {
  return state === "read" ? `${plain(name)} (schema ${schemaVersion ?? "?"}, ${countWords(rows, "row")})` : `not ${plain(name)}`
}

function row(label: string, tally: Tally, { colors }: Terminal): string {
  const cells = columns.map((column) => {
    const text = tally[column].toLocaleString("en").padStart(10)
    return column === "missing" && tally.missing > 0 ? colors.red(text) : text
  })
  return `${label.padEnd(14)}${cells.join("")}`
}

function gradeLine({ grades: { seen, imported, unseen, seenShare } }: Completeness): string {
  if (seenShare === null) return "Model calls by grade: none to grade"
  // Rounded towards the worse: one unseen call in a million is not 100 %.
  const share = Math.floor(seenShare * 1_000) / 10
  const heard = imported === 0 ? "" : `, ${imported.toLocaleString("en")} of them from an import alone`
  return `Model calls by grade: seen ${share} % (${seen.toLocaleString("en")}${heard}), unseen ${Math.round((100 - share) * 10) / 10} % (${unseen.toLocaleString("en")})`
}

function dayLines({ days }: Completeness, terminal: Terminal): readonly string[] {
  if (days.length === 0) return []
  const shown = days.slice(-mostDays).map(({ day, totals }) => {
    const cells = kinds.map((kind) => {
      const { matched, missing, extra, inGaps, beforeRecord } = totals[kind]
      const rest = [
        missing > 0 ? terminal.colors.red(`${missing} missing`) : "",
        inGaps > 0 ? `${inGaps} in gaps` : "",
        beforeRecord > 0 ? `${beforeRecord} before` : "",
        extra > 0 ? `${extra} extra` : "",
      ].filter((words) => words !== "")
      return `${plural[kind].toLowerCase()} ${matched} of ${matched + missing + inGaps + beforeRecord}${rest.length > 0 ? ` (${rest.join(", ")})` : ""}`
    })
    return `  ${day}  ${cells.join("; ")}`
  })
  return ["", `Days (UTC)${days.length > mostDays ? `, the last ${mostDays} of ${days.length}` : ""}`, ...shown]
}

function listLines(
  title: string,
  list: Completeness["missing"],
  totals: Completeness["totals"],
  column: "missing" | "extra",
  terminal: Terminal,
): readonly string[] {
  if (list.length === 0) return []
  const all = kinds.reduce((sum, kind) => sum + totals[kind][column], 0)
  const shown = list.slice(0, mostListed).map(({ kind, at, run, what, note }) => {
    const words = `  ${at.replace("T", " ").replace("Z", "")}  ${kind.padEnd(10)}  ${plain(what)}  ${terminal.colors.dim(`run ${plain(run ?? "not told")}`)}`
    return note === null ? words : `${words}  ${plain(note)}`
  })
  return ["", title, ...shown, ...(all > shown.length ? [`  ... and ${countWords(all - shown.length, "more", "more")}; --json lists them`] : [])]
}

function extraLines({ extra, extraTruncated }: Completeness, terminal: Terminal): readonly string[] {
  if (extra.length === 0) return []
  const counts = new Map<string, number>()
  for (const { kind, note } of extra) counts.set(`${kind}\n${note ?? ""}`, (counts.get(`${kind}\n${note ?? ""}`) ?? 0) + 1)
  const rows = [...counts].map(([key, count]) => {
    const [kind = "", why = ""] = key.split("\n")
    return `  ${countWords(count, kind)}: ${plain(why)}`
  })
  return ["", `Extra: in our record, not in the host's stores${extraTruncated ? terminal.colors.dim(" (of those listed)") : ""}`, ...rows]
}

export function statementText(check: StatementCheck, file: string, { colors }: Terminal): string {
  if (!check.ok) return `${colors.red(colors.bold("✗ NOT GOOD"))}  ${plain(file)}: ${check.why}\n`
  const { statement, size, root, verdict } = check
  const lines = [
    `${colors.green(colors.bold("✓ SIGNED"))}  ${plain(file)}`,
    `  by ${plain(String(statement["origin"]))} on ${plain(String(statement["generatedAt"]))}, journal of ${countWords(size, "entry", "entries")}, root ${root}`,
    `  says: ${colors.bold(verdict)}`,
    `  ${plain(JSON.stringify(statement["totals"]))}`,
  ]
  return `${lines.join("\n")}\n`
}
