/** A command is a row: its words, its flags, and one function. `command-list.ts` lists them; the router never grows. */
import type { Command, OptionValues } from "commander"
import type { Clocks } from "../../base/clock.ts"
import type { Retention } from "../../policy/retention.ts"
import type { KeyCommand } from "../../vault/key-command.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import type { Terminal } from "./terminal.ts"

export type OptionRow = {
  /** As commander reads it: `--last <n>`, `--json`. */
  readonly flags: string
  readonly words: string
  /** `before` is what an earlier one of the same flag came to. */
  readonly parse?: (text: string, before?: unknown) => unknown
}

export type CommandContext = {
  readonly files: LedgerFiles
  /** Of a command that reports faults, asking for them may throw one. */
  readonly places: SecretPlaces
  readonly socket: string
  /** Witnesses of the plugin's settings, each "KEY URL". */
  readonly witnesses: readonly string[]
  /** Time-stamp authorities of the plugin's settings, each "URL [POLICY] FILE". */
  readonly timestampAuthorities: readonly string[]
  /** Of the plugin's settings. */
  readonly retention: Retention
  readonly keyFileFor: (storeId: string) => string
  /** What prints the master key, when it is kept by a program. */
  readonly keyCommand: KeyCommand | undefined
  /** Where the master key of a ledger is looked for that does not stand in the data directory. */
  readonly placesFor: (storeId: string) => SecretPlaces
  readonly terminal: Terminal
  readonly json: boolean
  readonly nowMs: number
  readonly clocks: Clocks
}

export type Flags = Readonly<Record<string, unknown>>

/** The flags of a command with those that stand before it; what stands nearer to it wins. */
export function flagsOf(command: Command): OptionValues {
  return { ...(command.parent ? flagsOf(command.parent) : {}), ...command.opts() }
}

export type CommandRow = {
  /** One or two words: `status`, `events list`. */
  readonly path: string
  readonly summary: string
  /** Arguments as commander reads them: `<id>`, `[kind]`, `<path...>`. */
  readonly argument?: { readonly name: string; readonly words: string }
  readonly options?: readonly OptionRow[]
  /** An empty text as the argument is its own to refuse; every other command refuses it before. */
  readonly takesEmpty?: true
  /** Answers with a report where keys.json cannot be read; every other command is not even begun then. */
  readonly reportsFaults?: true
  /** Shown under the flags: what it answers, examples, exit codes. */
  readonly help: string
  /** Answers the exit status. `all` has every argument where there may be several. */
  readonly run: (context: CommandContext, flags: Flags, argument: string | undefined, all: readonly string[]) => number | Promise<number>
}
