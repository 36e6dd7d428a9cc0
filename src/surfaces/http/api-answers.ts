/**
 * What stands below `/api/`: every question of the ledger under its route, and what takes long in processes of their own. One ledger that stays open answers all of
 * them; nothing that is asked here changes anything.
 */
import { Fault } from "../../base/fault.ts"
import { systemClock } from "../../base/clock.ts"
import { LiveLedger } from "../../views/live-ledger.ts"
import type { CommandContext } from "../cli/command.ts"
import { startBeside } from "../cli/command-beside.ts"
import { keptPolicy } from "../page/page-file.ts"
import { answerOf } from "../questions/answer.ts"
import { questionAt, questions } from "../questions/question-list.ts"
import { BesideCommands } from "./beside-commands.ts"
import { exportArguments, exportType } from "./export-arguments.ts"
import { LiveEntries } from "./live-entries.ts"
import { liveReply } from "./live-stream.ts"
import { jsonReply, problemReply, type Reply, type Whole } from "./reply.ts"
import { verifications } from "./verify-arguments.ts"

export type ApiQuestion = {
  readonly method: string
  /** Below the root: `status`, `events/42`. */
  readonly path: string
  readonly parameters: URLSearchParams
  /** Of a POST. */
  readonly body?: string
}

export class ApiAnswers {
  readonly #context: CommandContext
  readonly #say: (line: string) => void
  readonly #live: LiveLedger
  readonly #entries: LiveEntries
  readonly #beside: BesideCommands

  constructor(context: CommandContext, say: (line: string) => void) {
    this.#context = context
    this.#say = say
    this.#live = new LiveLedger(context.files, () => context.places)
    this.#entries = new LiveEntries(() => this.#live.access())
    this.#beside = new BesideCommands((argv, input) => startBeside(context.files, context.places, argv, input))
  }

  close(): void {
    this.#entries.close()
    this.#live.close()
  }

  async answer({ method, path, parameters, body = "" }: ApiQuestion): Promise<Reply> {
    if (method === "POST") return this.#checked(path, body)
    if (path === "live") return liveReply(this.#entries)
    if (path !== "export") return this.told(path, parameters)
    const argv = exportArguments(parameters)
    return argv instanceof Fault ? problemReply(400, argv.message, argv.remedy) : this.#beside.exported(argv, exportType(parameters))
  }

  /** What one question is answered, whatever becomes of it. */
  async told(path: string, parameters: URLSearchParams): Promise<Whole> {
    if (path === "") return offered
    const found = questionAt(path, parameters)
    if (!found) return nowhere(path)
    const asked = { nowMs: systemClock.nowMs(), place: this.#context, access: () => this.#live.access(), stays: true as const }
    const { status, type, text, problem } = await answerOf(found, parameters, asked)
    if (problem !== undefined) this.#say(problem)
    const headers = status === 503 ? { "Retry-After": "5" } : type.startsWith("text/html") ? { "Content-Security-Policy": keptPolicy(text) } : {}
    return { status, type, body: text, headers }
  }

  async #checked(path: string, body: string): Promise<Reply> {
    const asked = verifications.get(path)?.(body)
    if (!asked) return nowhere(path)
    return asked instanceof Fault ? problemReply(400, asked.message, asked.remedy) : this.#beside.checked(asked)
  }
}

/** What may be asked, for programs and for the page, which shows no more than there is. */
const offered: Whole = jsonReply(200, {
  schemaVersion: 1,
  routes: questions.map(({ route, summary, parameters, formats }) => {
    const asked = parameters.filter(({ onlyFlag }) => !onlyFlag).map(({ name, words }) => ({ name, words }))
    return { route, summary, parameters: asked, formats: ["json", ...formats] }
  }),
})

function nowhere(path: string): Whole {
  return problemReply(404, `Nothing is told at api/${path.slice(0, 100)}.`, "What is told stands in docs/guides/page.md.")
}
