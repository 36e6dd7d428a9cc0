/** Turns the list of commands into a command line: commander parses, one place catches, and people see a sentence and a remedy. */
import { Command, CommanderError, InvalidArgumentError } from "commander"
import { systemClocks } from "../../base/clock.ts"
import { Fault, problemOf } from "../../base/fault.ts"
import { databaseFault, isDriverError } from "../../vault/database.ts"
import { forgetKeyCommands } from "../../vault/key-command.ts"
import { buildVersion } from "../../version.ts"
import { flagsOf, type CommandContext, type CommandRow, type OptionRow } from "./command.ts"
import { plain } from "../render/words.ts"
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
  { flags: "--key-command <command>", words: 'program that prints the master key, or a list of words as ["pass", "show", "ledger"]; run without a shell' },
  { flags: "--head-note <file>", words: "the last checkpoint, kept outside the data directory" },
  { flags: "--socket <file>", words: "socket of a writer that runs as a service" },
  { flags: "--json", words: "one line of JSON on standard output" },
]

/** Runs one command line and answers the exit status. */
export async function runProgram(argv: readonly string[], name: string, given: Given = {}): Promise<number> {
  forgetKeyCommands()
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
    await program.parseAsync(withoutHelpWord(argv), { from: "user" })
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
    else command.option(option.flags, option.words, notEmpty(option.flags))
  }
  shared(command).addHelpText("after", `\n${row.help}`)
  command.action(async (...parameters: unknown[]) => {
    const flags = flagsOf(command)
    const all = row.argument ? [parameters[0] as string | readonly string[] | undefined].flat().filter((one) => one !== undefined) : []
    const [argument] = all
    if (all.includes("") && !row.takesEmpty) throw new Fault("cli.usage", { problem: `The argument ${row.argument?.name} is an empty text.` })
    const { dataDir, keyFile, keyCommand, headNote, socket } = flags
    const location = locateLedger({ dataDir, keyFile, keyCommand, headNote, socket }, process.env)
    const places = () => ({ ...secretPlacesOf(location, process.env), hostSecret: given.hostSecret })
    if (!row.reportsFaults) places()
    const context: CommandContext = {
      ...location,
      get places() {
        return places()
      },
      placesFor: (storeId) => ({
        keyCommand: location.keyCommand,
        keyFile: location.keyFileFor(storeId),
        environment: process.env,
        hostSecret: given.hostSecret,
      }),
      terminal,
      json: flags["json"] === true,
      nowMs: Date.now(),
      clocks: systemClocks(),
    }
    done(await row.run(context, flags, argument, all))
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

function notEmpty(flags: string): (text: string | boolean) => string | boolean {
  return (text) => {
    if (text === "") throw new Fault("cli.usage", { problem: `${flags.split(" ")[0]} was given an empty text.` })
    return text
  }
}

const paths: readonly string[] = [...commands.map((row) => row.path), "writer", ...Object.keys(groups)]

/** `help events list` is `events list --help`; commander's own answers it with the help of `events`, and a command there is none of with nothing. */
function withoutHelpWord(argv: readonly string[]): string[] {
  const [first, ...words] = argv.filter((word) => !word.startsWith("-"))
  if (first !== "help") return [...argv]
  const asked = words.join(" ")
  if (asked === "" || paths.includes(asked)) return [...words, "--help"]
  throw new Fault("cli.usage", { problem: `There is no command "${asked}".` })
}

/** The program, or the longest name of a command that stands in the arguments; of two the one that stands first. */
function commandIn(argv: readonly string[], name: string): string {
  const named = paths.filter((path) => path.split(" ").reduce((from, word) => (from < 0 ? from : argv.indexOf(word, from)), 0) >= 0)
  const place = (path: string) => argv.indexOf(path.split(" ")[0] ?? "") - 1_000 * path.split(" ").length
  const [longest] = named.sort((a, b) => place(a) - place(b))
  return longest === undefined ? name : `${name} ${longest}`
}

async function report(error: unknown, terminal: Terminal, json: boolean, command: string): Promise<number> {
  const usage = (problem: string) => shown(new Fault("cli.usage", { problem, command }, error), terminal, json)
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    if (error.code === "commander.help") return shown(new Fault("cli.no-command", { command }), terminal, json)
    const words = problemOf(error).replace(/^error: /, "")
    return usage(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`)
  }
  if (error instanceof InvalidArgumentError) return usage(error.message)
  if (error instanceof Fault) return error.code === "cli.usage" ? usage(error.message) : shown(error, terminal, json)
  // A full disk can stop any statement: it is the disk's fault then, not a bug.
  if (isDriverError(error)) return shown(databaseFault("a file of the ledger", error), terminal, json)
  const bug = new Fault("internal", { version: buildVersion, problem: problemOf(error) }, error)
  if (json) await shown(bug, terminal, json)
  terminal.note(`${bug.message}\n${bug.remedy}\n${error instanceof Error ? error.stack : String(error)}`)
  return bug.exitStatus
}

async function shown(fault: Fault, terminal: Terminal, json: boolean): Promise<number> {
  if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, error: fault.toJSON() })}\n`)
  else terminal.note(`${terminal.colors.red(plain(fault.message))}\n${plain(fault.remedy)}`)
  return fault.exitStatus
}
