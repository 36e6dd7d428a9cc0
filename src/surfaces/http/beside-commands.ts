/** What takes long, asked over HTTP: verifications and exports, each a command in a process of its own, two of a kind at a time. */
import type { ChildProcess } from "node:child_process"
import { objectOf, stringOf } from "../../base/json.ts"
import { problemReply, type InPieces, type Reply, type Whole } from "./reply.ts"
import type { Verification } from "./verify-arguments.ts"

/** Starts a command of ours; its standard output is a pipe. */
export type StartCommand = (argv: readonly string[], input: string | undefined) => ChildProcess | Promise<ChildProcess>

const mostOfAKind = 2
const longestAnswer = 8_000_000
const jsonType = "application/json; charset=utf-8"

export class BesideCommands {
  readonly #start: StartCommand
  readonly #underWay = { verifications: 0, exports: 0 }

  constructor(start: StartCommand) {
    this.#start = start
  }

  /** The verdict that a command of `--json` prints. */
  async checked({ argv, input }: Verification): Promise<Whole> {
    if (this.#underWay.verifications >= mostOfAKind) return busy("verifications")
    this.#underWay.verifications++
    try {
      return checkedReply(await printed(await this.#start(argv, input)))
    } finally {
      this.#underWay.verifications--
    }
  }

  /** What a command prints, as it prints it. */
  async exported(argv: readonly string[], head: Pick<InPieces, "type" | "headers">): Promise<Reply> {
    if (this.#underWay.exports >= mostOfAKind) return busy("exports")
    this.#underWay.exports++
    const child = await this.#start(argv, undefined)
    child.once("close", () => this.#underWay.exports--) // also of one that could not be started
    if (!(await begins(child))) return problemReply(400, "This cannot be exported.", `Why, the command says: sovereign-ledger ${argv.join(" ").slice(0, 200)}`)
    return {
      ...{ status: 200, ...head },
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
}

/** Whether it prints anything: what is wrong with what was asked, it finds before that. */
function begins(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.stdout?.once("readable", () => resolve((child.stdout?.readableLength ?? 0) > 0))
    child.once("error", () => resolve(false)).once("close", () => resolve(false))
  })
}

function printed(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let sizeBytes = 0
    child.stdout?.on("data", (piece: Buffer) => {
      if ((sizeBytes += piece.length) <= longestAnswer) pieces.push(piece)
    })
    child.once("error", reject)
    // Not "exit": what it printed before may still be on its way then.
    child.once("close", () => resolve(Buffer.concat(pieces).toString("utf8").trim()))
  })
}

/** What the command printed: its verdict, or why there is none. */
function checkedReply(text: string): Whole {
  try {
    const error = objectOf(objectOf(JSON.parse(text))["error"])
    const [words, remedy] = [stringOf(error["message"]), stringOf(error["remedy"])]
    return words === undefined ? { status: 200, type: jsonType, body: text } : problemReply(400, words, remedy ?? "")
  } catch {
    return problemReply(500, "The verification gave no answer.", "Run sovereign-ledger verify on this machine.")
  }
}

function busy(what: string): Whole {
  return problemReply(503, `${mostOfAKind} ${what} are under way, which is as many as there may be.`, "Ask again in a few seconds.", { "Retry-After": "5" })
}
