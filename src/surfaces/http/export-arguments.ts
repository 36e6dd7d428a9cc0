/** The command that an export over HTTP is, by its parameters; they are those of the command. */
import { Fault } from "../../base/fault.ts"

const valued = ["type", "category", "session", "from", "to", "limit"] as const
const switches = { securityOnly: "--security-only", includeContent: "--include-content" } as const
const formats = { json: ["json", "application/x-ndjson; charset=utf-8", "ndjson"], csv: ["csv", "text/csv; charset=utf-8", "csv"] } as const
const mostCharacters = 1_024

export function exportArguments(parameters: URLSearchParams): readonly string[] | Fault {
  const argv = ["export", formatOf(parameters) ?? ""]
  if (argv[1] === "") return wrong("format is json or csv.")
  for (const [name, value] of parameters) {
    if (name === "format") continue
    if (parameters.getAll(name).length > 1) return wrong(`${name} is given twice.`)
    if (value.length > mostCharacters) return wrong(`${name} takes at most ${mostCharacters.toLocaleString("en")} characters.`)
    if (valued.some((known) => known === name)) argv.push(`--${name}=${value}`)
    else if (Object.hasOwn(switches, name) && (value === "true" || value === "false"))
      argv.push(...(value === "true" ? [switches[name as keyof typeof switches]] : []))
    else return wrong(`There is no parameter "${name.slice(0, 80)}" here; there are format, ${[...valued, ...Object.keys(switches)].join(", ")}.`)
  }
  return argv
}

export function exportType(parameters: URLSearchParams): { readonly type: string; readonly headers: Readonly<Record<string, string>> } {
  const [, type, suffix] = formats[formatOf(parameters) ?? "json"]
  return { type, headers: { "Content-Disposition": `attachment; filename="ledger.${suffix}"` } }
}

function formatOf(parameters: URLSearchParams): keyof typeof formats | undefined {
  const told = parameters.get("format") ?? "json"
  return told === "json" || told === "csv" ? told : undefined
}

function wrong(problem: string): Fault {
  return new Fault("cli.usage", { problem, command: "sovereign-ledger export json" })
}
