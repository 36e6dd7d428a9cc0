/** A question as a command: its parameters are flags, `--json` prints its body, `--html` and `--csv` what it offers of these. */
import { openForReading, type LedgerAccess } from "../../views/ledger-access.ts"
import { flagOf, valuesOf, type Parameter, type Values } from "../questions/parameter.ts"
import type { Asked, Question } from "../questions/question.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "./command.ts"

const formatOptions = {
  html: { flags: "--html", words: "one page (HTML) on standard output, which needs no network" },
  csv: { flags: "--csv", words: "CSV on standard output" },
} as const

export function commandOf(question: Question): CommandRow {
  const { path, summary, argument, help, schema, parameters, formats, reportsFaults, takesEmpty } = question
  return {
    path,
    summary,
    help: `${help}\n\nWhat --json prints: docs/spec/${schema}.`,
    ...(argument ? { argument } : {}),
    ...(takesEmpty ? { takesEmpty } : {}),
    ...(reportsFaults ? { reportsFaults } : {}),
    options: [...optionsOf(parameters), ...formats.map((format) => formatOptions[format])],
    run: (context, flags, told = "") => answered(question, context, flags, told),
  }
}

export function optionsOf(parameters: readonly Parameter[]): readonly OptionRow[] {
  return parameters.map(optionOf)
}

export function valuesOfFlags(parameters: readonly Parameter[], flags: Flags, nowMs: number): Values {
  const textOf = ({ name }: Parameter) => (flags[name] === undefined ? undefined : String(flags[name]))
  return valuesOf(parameters, textOf, { nameOf: flagOf, nowMs, overHttp: false })
}

/** What is wrong with a flag is said before anything is opened; the text stays, since a time is of the instant of asking. */
function optionOf(parameter: Parameter): OptionRow {
  const { flags, words } = parameter
  if (!flags.includes(" ")) return { flags, words }
  return {
    flags,
    words,
    parse: (text) => {
      valuesOf([parameter], () => text, { nameOf: flagOf, nowMs: Date.now(), overHttp: false })
      return text
    },
  }
}

async function answered(question: Question, context: CommandContext, flags: Flags, argument: string): Promise<number> {
  const { terminal, json, nowMs } = context
  const values = valuesOfFlags(question.parameters, flags, nowMs)
  const { asked, close } = askedOf(context)
  try {
    const answer = await question.ask(asked, values, argument)
    if (json) await terminal.write(`${JSON.stringify(answer.body)}\n`)
    else if (flags["html"] === true && answer.html) await terminal.product(answer.html())
    else if (flags["csv"] === true && answer.csv) await terminal.product(answer.csv())
    else await terminal.write(answer.text(terminal))
    return answer.exit ?? 0
  } finally {
    close()
  }
}

/** The ledger of a command, opened when an answer first needs it. */
export function askedOf(context: CommandContext): { readonly asked: Asked; readonly close: () => void } {
  let opened: LedgerAccess | undefined
  const { files, socket, clocks, retention, terminal, nowMs } = context
  const place = {
    files,
    socket,
    clocks,
    retention,
    onProgress: terminal.progress,
    get places() {
      return context.places
    },
  }
  const access = () => (opened ??= openForReading(files, context.places, { onProgress: terminal.progress("Reading the journal") }))
  return { asked: { nowMs, place, access }, close: () => opened?.close() }
}
