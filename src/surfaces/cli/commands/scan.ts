/** sovereign-ledger scan */
import { Fault } from "../../../base/fault.ts"
import { plain } from "../../../base/plain-text.ts"
import { shownPiece } from "../../../operations/scan/found.ts"
import type { ScanSource } from "../../../scanner/row.ts"
import { scanText } from "../../../scanner/scan.ts"
import type { CommandRow } from "../command.ts"
import { readInput } from "../input-file.ts"
import type { Terminal } from "../terminal.ts"

const sources: readonly ScanSource[] = ["args", "result", "message", "file"]

export const scanCommand: CommandRow = {
  path: "scan",
  summary: "What in a file looks like an attack or like a secret: the scanner that looks at tool calls, results and messages",
  argument: { name: "<path...>", words: "files to look into; - reads standard input" },
  options: [
    {
      flags: "--as <source>",
      words: "what the text is: args of a tool call, result of one, message that came in, file (default file: everything is looked for)",
    },
    { flags: "--fail", words: "exit status 1 where a finding is high" },
  ],
  reportsFaults: true,
  help: `Each check is told once for each file, at the first place. What is shown of a place is without secrets. No ledger is needed, and nothing is recorded.

A finding says that something looks so, not that it is: read the place. Checks and categories: docs/guides/scanner.md.

Exit status: 0 looked, 1 with --fail a finding is high, 2 a file cannot be read.

Examples:
  sovereign-ledger scan skills/weather/SKILL.md
  sovereign-ledger scan --fail --json scripts/*.sh
  git diff | sovereign-ledger scan -`,
  run: async (context, flags, _argument, all) => {
    const source = sourceOf(flags["as"])
    const files = all.map((file) => scannedFile(file, source))
    const count = (severity: "high" | "medium") => files.reduce((sum, one) => sum + one[severity], 0)
    const [high, medium] = [count("high"), count("medium")]
    const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), source, files, high, medium }
    await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : textOf(body, context.terminal.colors))
    return flags["fail"] === true && high > 0 ? 1 : 0
  },
}

type ScannedFile = ReturnType<typeof scannedFile>

function sourceOf(written: unknown): ScanSource {
  const source = sources.find((one) => one === (written ?? "file"))
  if (source === undefined) throw new Fault("cli.usage", { problem: `--as is one of ${sources.join(", ")}.`, command: "sovereign-ledger scan" })
  return source
}

function scannedFile(file: string, source: ScanSource) {
  const bytes = readInput(file)
  const text = bytes.toString("utf8")
  const findings = scanText(text, source).findings.map(({ end, ...finding }) => ({ ...finding, text: shownPiece(text, { ...finding, end }) }))
  const high = findings.filter(({ severity }) => severity === "high").length
  return { file: file === "-" ? null : file, sizeBytes: bytes.length, high, medium: findings.length - high, findings }
}

function textOf(
  { files, high, medium }: { readonly files: readonly ScannedFile[]; readonly high: number; readonly medium: number },
  colors: Terminal["colors"],
): string {
  const lines = files.flatMap(({ file, findings }) =>
    findings.map(({ severity, check, category, line, encoded, text }) => {
      const mark = severity === "high" ? colors.red("high  ") : colors.yellow("medium")
      return `${mark} ${plain(file ?? "-")}:${line}  ${check} (${category}${encoded ? ", encoded" : ""})\n       ${plain(text.replace(/\s+/g, " "))}`
    }),
  )
  const whole = `${files.length} ${files.length === 1 ? "text" : "texts"}: ${high} high, ${medium} medium`
  return `${[...lines, whole].join("\n")}\n`
}
