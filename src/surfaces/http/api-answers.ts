/**
 * What stands below `/api/`: every question of the ledger under its route, and what takes long in a process of its own, two of a kind at a time. One ledger that stays
 * open answers all of them; nothing that is asked here changes anything.
 */
import { Fault } from "../../base/fault.ts"
import { systemClock } from "../../base/clock.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { LiveLedger } from "../../views/live-ledger.ts"
import type { CommandContext } from "../cli/command.ts"
import { endOf, startBeside } from "../cli/command-beside.ts"
import { answerOf } from "../questions/answer.ts"
import { questionAt, questions } from "../questions/question-list.ts"
import { exportArguments, exportType } from "./export-arguments.ts"
import { LiveEntries } from "./live-entries.ts"
import { liveReply } from "./live-stream.ts"
import { jsonReply, problemReply, type Reply, type Whole } from "./reply.ts"
import { verifyArguments, verifyProofArguments } from "./verify-arguments.ts"

export type ApiQuestion = {
  readonly method: string
  /** Below the root: `status`, `events/42`. */
  readonly path: string
  readonly parameters: URLSearchParams
  /** Of a POST. */
  readonly body?: string
}

const mostOfAKind = 2
const longestAnswer = 8_000_000
const busyFor = { "Retry-After": "5" }

export class ApiAnswers {
  readonly #context: CommandContext
  readonly #say: (line: string) => void
  readonly #live: LiveLedger
  readonly #entries: LiveEntries
  readonly #underWay = { verification: 0, export: 0 }

  constructor(context: CommandContext, say: (line: string) => void) {
    this.#context = context
    this.#say = say
    this.#live = new LiveLedger(context.files, () => context.places)
    this.#entries = new LiveEntries(() => this.#live.access())
  }

  close(): void {
    this.#entries.close()
    this.#live.close()
  }

  async answer({ method, path, parameters, body = "" }: ApiQuestion): Promise<Reply> {
    if (method === "POST" && path === "verify") return this.#checked(verifyArguments(body))
    if (method === "POST" && path === "smt/verify-proof") return this.#checked(verifyProofArguments(body), body)
    if (method === "POST") return nowhere(path)
    if (path === "") return offered
    if (path === "live") return liveReply(this.#entries)
    if (path === "export") return this.#exported(parameters)
    const found = questionAt(path, parameters)
    if (!found) return nowhere(path)
    const { status, type, text, problem } = await answerOf(found, parameters, {
      nowMs: systemClock.nowMs(),
      place: this.#context,
      access: () => this.#access(),
    })
    if (problem !== undefined) this.#say(problem)
    return { status, type, body: text, ...(status === 503 ? { headers: busyFor } : {}) }
  }

  #access(): LedgerAccess {
    return this.#live.access()
  }

  /** A verification, in a process of its own: it walks the whole journal. */
  async #checked(argv: readonly string[] | Fault, input?: string): Promise<Whole> {
    if (argv instanceof Fault) return problemReply(400, argv.message, argv.remedy)
    return this.#bounded("verification", async () => {
      const child = startBeside(this.#context.files, this.#context.places, argv, input === undefined ? {} : { input })
      return checkedReply((await endOf(child, longestAnswer)).text.trim())
    })
  }

  #exported(parameters: URLSearchParams): Reply {
    const argv = exportArguments(parameters)
    if (argv instanceof Fault) return problemReply(400, argv.message, argv.remedy)
    if (this.#underWay.export >= mostOfAKind) return busy("exports")
    this.#underWay.export++
    const child = startBeside(this.#context.files, this.#context.places, argv)
    child.once("close", () => this.#underWay.export--)
    return {
      status: 200,
      ...exportType(parameters),
      pour: (write, end, response) => {
        child.stdout?.on("data", (piece: Buffer) => {
          if (!write(piece)) child.stdout?.pause()
        })
        response.on("drain", () => child.stdout?.resume())
        // One that broke off is told by the connection: the last line, a signed checkpoint, is missing in it anyway.
        child.once("error", () => response.destroy()).once("close", (status) => (status === 0 ? end() : response.destroy()))
        return () => void child.kill("SIGKILL")
      },
    }
  }

  async #bounded(kind: "verification", answer: () => Promise<Whole>): Promise<Whole> {
    if (this.#underWay[kind] >= mostOfAKind) return busy(`${kind}s`)
    this.#underWay[kind]++
    try {
      return await answer()
    } finally {
      this.#underWay[kind]--
    }
  }
}

/** What the command printed: its verdict, or why there is none. */
function checkedReply(text: string): Whole {
  const none = problemReply(500, "The verification gave no answer.", "Run sovereign-ledger verify on this machine.")
  try {
    const error = objectOf(objectOf(JSON.parse(text))["error"])
    const [words, remedy] = [stringOf(error["message"]), stringOf(error["remedy"])]
    return words === undefined ? { status: 200, type: "application/json; charset=utf-8", body: text } : problemReply(400, words, remedy ?? "")
  } catch {
    return none
  }
}

/** What may be asked, for programs and for the page, which shows no more than there is. */
const offered: Reply = jsonReply(200, {
  schemaVersion: 1,
  routes: questions.map(({ route, summary, parameters, formats }) => {
    const asked = parameters.filter(({ onlyFlag }) => !onlyFlag).map(({ name, words }) => ({ name, words }))
    return { route, summary, parameters: asked, formats: ["json", ...formats] }
  }),
})

function busy(what: string): Whole {
  return problemReply(503, `${mostOfAKind} ${what} are under way, which is as many as there may be.`, "Ask again in a few seconds.", busyFor)
}

function nowhere(path: string): Whole {
  return problemReply(404, `Nothing is told at api/${path.slice(0, 100)}.`, "What is told stands in docs/guides/page.md.")
}
