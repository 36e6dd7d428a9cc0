/**
 * A question: one row that is a command of the command line and a route of the HTTP API, with the same answer, byte for byte.
 *
 * To ask one from somewhere:
 *   - the command line: `commandOf(question)` of `cli/question-command.ts` makes a row of `command-list.ts`. `--json` prints the body and a line feed, `--html` and
 *     `--csv` what the question offers of these, nothing else its text.
 *   - HTTP: `questionAt(path, parameters)` of `question-list.ts` finds the row of a path below the API's root (`report`, `spend`, `report/cron/JOB`), then
 *     `answerOf(found, parameters, asked)` of `answer.ts` gives `{ status, type, text }`: never throws, the body of `--json` without the line feed, or with `format=html`
 *     or `format=csv` the page or the table. What was asked wrongly is 400 with `{"error", "remedy"}`.
 * `Asked` is all that an answer may depend on beside its parameters: the ledger (`access` opens it when first needed and is closed by who made it), where it lies, and one
 * instant, which is `generatedAt`. For one instant and one ledger an answer is the same bytes.
 *
 * To add one: a file here with a `Question`, a line in `question-list.ts`, a line in `command-list.ts`, a JSON Schema in `docs/spec/`. Its body begins
 * with what `bodyOf` writes; `test/questions/same-bytes.test.ts` asks it in both ways, as a row of `askings.ts` says, of what `seeds.ts` puts on record.
 */
import type { LedgerAccess } from "../../views/ledger-access.ts"
import type { CommandContext } from "../cli/command.ts"
import type { Look } from "../cli/terminal.ts"
import type { Parameter, Values } from "./parameter.ts"

/** Where a ledger lies, as a command knows it. */
export type LedgerPlace = Pick<CommandContext, "files" | "places" | "socket" | "clocks" | "retention"> & {
  readonly onProgress?: (label: string) => (done: number, total: number) => void
}

export type Asked = {
  readonly nowMs: number
  readonly place: LedgerPlace
  /** @throws {Fault} as `openForReading` */
  readonly access: () => LedgerAccess
  /** The ledger stays open for further questions. */
  readonly stays?: true
}

export type Answer = {
  /** JSON alone: no `undefined`, no bigint. */
  readonly body: object
  /** 0 where it is left out; 1 is checked and not good. */
  readonly exit?: 0 | 1
  readonly text: (look: Look) => string
  readonly html?: () => string
  readonly csv?: () => string
}

export type Format = "html" | "csv"

export type Question = {
  /** Of the command: `spend`, `report daily`. */
  readonly path: string
  /** Below the API's root; a segment `:name` is the argument. */
  readonly route: string
  /** Of several questions with one route: the parameter and the value by which it is this one. */
  readonly chosenBy?: { readonly name: string; readonly value: string; readonly isDefault?: boolean }
  readonly summary: string
  readonly help: string
  /** Of its body: a file in `docs/spec/`. */
  readonly schema: string
  readonly argument?: { readonly name: string; readonly words: string }
  readonly parameters: readonly Parameter[]
  readonly formats: readonly Format[]
  /** An empty text as the argument is its own to refuse. */
  readonly takesEmpty?: true
  /** As a command's: answers with a report where keys.json cannot be read. */
  readonly reportsFaults?: true
  readonly ask: (asked: Asked, values: Values, argument: string) => Answer | Promise<Answer>
}

/** What every body begins with. */
export function bodyOf({ nowMs }: Asked): { readonly schemaVersion: 1; readonly generatedAt: string } {
  return { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString() }
}
