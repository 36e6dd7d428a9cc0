/** Orders to the ledger, as commands give them: over the control lane of a writer, which is started where none runs. What is refused is told in words. */
import { existsSync, readFileSync } from "node:fs"
import { objectOf, stringOf } from "../../base/json.ts"
import { Fault } from "../../base/fault.ts"
import { parseOrder } from "../../operations/spend/parse-order.ts"
import type { OrderAnswer } from "../../operations/spend/ledger-orders.ts"
import { plain } from "../render/words.ts"
import { socketPath } from "../socket/socket-path.ts"
import { askWriter, ensureWriter, type LinkOptions } from "../socket/writer-link.ts"
import { askSecret, canAsk } from "./ask-secret.ts"
import type { CommandContext, Flags, OptionRow } from "./command.ts"
import { readText } from "./input-file.ts"

export const credentialOption: OptionRow = {
  flags: "--credential-file <file>",
  words: "a file whose first line is the operator's credential; - asks for it, or reads standard input (else the variable SOVEREIGN_LEDGER_CREDENTIAL)",
}

export type Done = Extract<OrderAnswer, { done: true }>

/** What hangs on more than the order says. */
const parsedByWriter: ReadonlySet<unknown> = new Set(["set-credential", "accept-clock", "gate-arm", "gate-disarm"])

/** Sends an order, writes the answer, and answers the exit status: 0 done, 1 refused. `words` are for people. */
export async function give(context: CommandContext, flags: Flags, order: Readonly<Record<string, unknown>>, words: (done: Done) => string): Promise<number> {
  if (!parsedByWriter.has(order["do"])) parseOrder(order, context.nowMs) // what is badly written starts no writer
  const answer = await sendOrder(context, flags, order)
  const { terminal, json } = context
  if (json) {
    await terminal.write(`${JSON.stringify({ schemaVersion: 1, ...answer })}\n`)
    return "refused" in answer ? 1 : 0
  }
  if ("refused" in answer) {
    terminal.note(`${terminal.colors.red(`Refused: ${plain(answer.refused.words)}.`)}\n${remedyOf(answer.refused.why)}`)
    return 1
  }
  await terminal.write(`${words(answer)}\n`)
  return 0
}

export async function sendOrder(context: CommandContext, flags: Flags, order: object): Promise<OrderAnswer> {
  const asker = await askerOf(flags)
  await ensureWriter(linkOf(context))
  return (await askWriter(linkOf(context), "order", 15_000, { order, ...asker })) as OrderAnswer
}

/** Who asks, as a line to the writer says it: the operator's credential, if given, and the processes this one runs under. */
export async function askerOf(flags: Flags): Promise<{ readonly under: readonly number[]; readonly credential?: string }> {
  const credential = await credentialIn(flags)
  return { under: ancestors(), ...(credential === undefined ? {} : { credential }) }
}

/** Throws what a writer refused to who asked for something else than an order. */
export function unlessRefused<T>(answer: unknown): T {
  const { why, words } = objectOf(objectOf(answer)["refused"])
  if (words === undefined) return answer as T
  throw new Fault("order.refused", { words: String(words), remedy: remedyOf(String(why)) })
}

function remedyOf(why: string): string {
  if (why === "credential") return "Give it with --credential-file FILE (- asks for it), or in SOVEREIGN_LEDGER_CREDENTIAL."
  if (why === "agent") return "Run the command in a terminal of your own, not through an agent."
  return "sovereign-ledger budget list and sovereign-ledger balance show what there is."
}

/** The way to the writer, and how one is started where none runs. */
export function linkOf({ socket, files, places }: CommandContext): LinkOptions {
  const link = { socketPath: socket, role: "cli" as const }
  const file = process.argv[1]
  // A service is started by its own manager.
  if (socket !== socketPath(files.directory) || file === undefined) return link
  const { keyCommand, keyFile, hostSecret } = places
  const { directory, headNote } = files
  const program = { file: () => Promise.resolve(file), directory, keyCommand, keyFile, headNote, hostSecret, environment: process.env }
  return { ...link, program }
}

/** As `linkOf`, by the socket that only the writer's own user reaches: the one that others share does not take every order. */
export function ownLinkOf(context: CommandContext): LinkOptions {
  const own = socketPath(context.files.directory)
  return existsSync(own) ? linkOf({ ...context, places: context.places, socket: own }) : linkOf(context)
}

async function credentialIn(flags: Flags): Promise<string | undefined> {
  const file = stringOf(flags["credentialFile"])
  if (file === undefined) return stringOf(process.env["SOVEREIGN_LEDGER_CREDENTIAL"])
  return file === "-" && canAsk() ? askSecret("The operator's credential") : firstLine(file)
}

/** A new one, typed twice where somebody types it. */
export async function newCredential(file: string | undefined): Promise<string> {
  if (file !== undefined && (file !== "-" || !canAsk())) return firstLine(file)
  const [typed, again] = [await askSecret("The new credential"), await askSecret("The same once more")]
  if (typed !== again) throw new Fault("cli.usage", { problem: "The two were not the same, and nothing was changed." })
  return typed
}

function firstLine(file: string): string {
  const line = readText(file).split("\n")[0]?.replace(/\r$/, "")
  if (!line) throw new Fault("cli.usage", { problem: `${file} has nothing on its first line.` })
  return line
}

const mostAncestors = 64

/** The processes this one runs under. On a system without /proc it is not known. */
function ancestors(): readonly number[] {
  const pids: number[] = []
  let pid = process.ppid
  while (pid > 1 && pids.length < mostAncestors) {
    pids.push(pid)
    const parent = parentOf(pid)
    if (parent === undefined) break
    pid = parent
  }
  return pids
}

function parentOf(pid: number): number | undefined {
  try {
    // The name, in brackets, may hold anything; what comes after its last bracket is plain (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return undefined
  }
}

/** Several texts of one flag. */
export function collected(text: string, before?: unknown): readonly string[] {
  return [...(Array.isArray(before) ? (before as readonly string[]) : []), text]
}

export function textsIn(flags: Flags, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? (value as readonly string[]) : []
}
