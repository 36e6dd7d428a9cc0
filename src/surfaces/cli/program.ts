/** Turns the list of commands into a command line: commander parses, one place catches, and people see a sentence and a remedy. */
import { Command, CommanderError, InvalidArgumentError } from "commander"
import { Fault, problemOf } from "../../base/fault.ts"
import { databaseFault, isDriverError } from "../../vault/database.ts"
import { buildVersion } from "../../version.ts"
import { flagsOf, type CommandContext, type CommandRow, type OptionRow } from "./command.ts"
import { commands, groups } from "./command-list.ts"
import { locateLedger, secretPlacesOf } from "./places.ts"
import { systemTerminal, type Terminal } from "./terminal.ts"
import { writerCommand } from "./writer-command.ts"

const about = "What did my agents do, what did it cost, who stops them, and how do I prove any of it?"
const sharedHelp = `
The options above are of every command, and stand before it or after it.
Exit status: 0 done or good, 1 checked and not good, 2 bad input or could not be done.`

export type Given = { readonly hostSecret?: string | undefined }

export const sharedOptions: readonly OptionRow[] = [
  {
    flags: "--data-dir <directory>",
    words: "directory of the ledger (default: that of the plugin's settings, else sovereign-ledger in the host's state directory)",
  },
  { flags: "--key-file <file>", words: "file with the master key" },
  { flags: "--head-note <file>", words: "the last checkpoint, kept outside the data directory" },
  { flags: "--socket <file>", words: "socket of a writer that runs as a service" },
  { flags: "--json", words: "one line of JSON on standard output" },
]

/** Runs one command line and answers the exit status. */
export async function runProgram(argv: readonly string[], name: string, given: Given = {}): Promise<number> {
  const terminal = systemTerminal()
  const json = argv.includes("--json")
  let exit = 0
  const program = shared(configured(new Command(name).enablePositionalOptions()))
    .description(about)
    .version(buildVersion)
    .addHelpText("after", sharedHelp)
  for (const row of commands) addCommand(program, row, terminal, given, (status) => (exit = status))
  writerCommand(program, (status) => (exit = status))
  try {
    await program.parseAsync([...argv], { from: "user" })
    return exit
  } catch (error) {
    return report(error, terminal, json, commandIn(argv, name))
  }
}

function addCommand(program: Command, row: CommandRow, terminal: Terminal, given: Given, done: (status: number) => void): void {
  const command = place(program, row)
  if (row.argument) command.argument(row.argument.name, row.argument.words)
  for (const option of row.options ?? []) {
    if (option.parse) command.option(option.flags, option.words, option.parse)
    else command.option(option.flags, option.words)
  }
  shared(command).addHelpText("after", `\n${row.help}`)
  command.action(async (...parameters: unknown[]) => {
    const flags = flagsOf(command)
    const argument = row.argument ? (parameters[0] as string | undefined) : undefined
    const location = locateLedger({ dataDir: flags["dataDir"], keyFile: flags["keyFile"], headNote: flags["headNote"], socket: flags["socket"] }, process.env)
    const places = () => ({ ...secretPlacesOf(location, process.env), hostSecret: given.hostSecret })
    if (!row.reportsFaults) places()
    const context: CommandContext = {
      ...location,
      get places() {
        return places()
      },
      terminal,
      json: flags["json"] === true,
      nowMs: Date.now(),
    }
    done(await row.run(context, flags, argument))
    terminal.clearProgress()
  })
}

function place(program: Command, row: CommandRow): Command {
  const [first = "", second] = row.path.split(" ")
  if (second === undefined) return configured(program.command(first)).description(row.summary)
  const group = program.commands.find((command) => command.name() === first) ?? shared(configured(program.command(first))).description(groups[first] ?? "")
  return configured(group.command(second)).description(row.summary)
}

function configured(command: Command): Command {
  return command.exitOverride().configureOutput({ writeErr: () => {} })
}

function shared(command: Command): Command {
  for (const option of sharedOptions) command.option(option.flags, option.words)
  return command
}

/** The program, or the group of commands, that was called without saying which. */
function commandIn(argv: readonly string[], name: string): string {
  const group = argv.find((word) => Object.hasOwn(groups, word))
  return group === undefined ? name : `${name} ${group}`
}

async function report(error: unknown, terminal: Terminal, json: boolean, command: string): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    if (error.code === "commander.help") return shown(new Fault("cli.no-command", { command }), terminal, json)
    return shown(new Fault("cli.usage", { problem: `${problemOf(error).replace(/^error: /, "")}.` }), terminal, json)
  }
  if (error instanceof InvalidArgumentError) return shown(new Fault("cli.usage", { problem: error.message }), terminal, json)
  if (error instanceof Fault) return shown(error, terminal, json)
  // A full disk can stop any statement: it is the disk's fault then, not a bug.
  if (isDriverError(error)) return shown(databaseFault("a file of the ledger", error), terminal, json)
  const bug = new Fault("internal", { version: buildVersion, problem: problemOf(error) }, error)
  if (json) await shown(bug, terminal, json)
  terminal.note(`${bug.message}\n${bug.remedy}\n${error instanceof Error ? error.stack : String(error)}`)
  return bug.exitStatus
}

async function shown(fault: Fault, terminal: Terminal, json: boolean): Promise<number> {
  if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, error: fault.toJSON() })}\n`)
  else terminal.note(`${terminal.colors.red(fault.message)}\n${fault.remedy}`)
  return fault.exitStatus
}
