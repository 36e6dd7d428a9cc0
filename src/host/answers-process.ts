/**
 * Who answers what is asked of the gateway's port: a command with `--answers` in a process of its own, since no gateway opens a database of ours, and which stays, since each
 * question would else cost a start. It begins with the first question, ends when nobody asked for a while, and with the gateway, whose pipe it reads.
 */
import type { ChildProcess } from "node:child_process"
import { createInterface } from "node:readline"
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"
import { startLedgerCommand } from "./ledger-command.ts"

export type ProcessAnswer = { readonly status: number; readonly type: string; readonly text: string; readonly policy: string | undefined }

export type AnswersOptions = { readonly idleMs?: number; readonly answerWithinMs?: number }

type Waiting = { readonly resolve: (answer: ProcessAnswer) => void; readonly reject: (error: Error) => void }

/** Scrapers ask every few seconds or minutes, people every few minutes while they look. */
const idleAfterMs = 10 * 60_000
const answerWithinMs = 20_000
const mostWaiting = 8

export class AnswersProcess {
  readonly #api: HostApi
  readonly #argv: readonly string[]
  readonly #options: Required<AnswersOptions>
  readonly #waiting: Waiting[] = []
  #child: Promise<ChildProcess> | undefined
  #process: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(api: HostApi, argv: readonly string[], options: AnswersOptions = {}) {
    this.#api = api
    this.#argv = argv
    this.#options = { idleMs: idleAfterMs, answerWithinMs, ...options }
  }

  /** Rejects when there is no answer in time; the next question has a process of its own again. */
  async ask(line: string): Promise<ProcessAnswer> {
    if (this.#waiting.length >= mostWaiting) throw new Error("too many questions at once")
    clearTimeout(this.#idle)
    const answered = new Promise<ProcessAnswer>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    const timer = setTimeout(() => this.#end("no answer in time"), this.#options.answerWithinMs)
    try {
      this.#child ??= this.#start()
      const { stdin } = await this.#child
      stdin?.write(`${line.replace(/[\r\n]/g, " ")}\n`)
      return await answered
    } finally {
      clearTimeout(timer)
      this.#idle = setTimeout(() => this.#end("nobody asked"), this.#options.idleMs).unref()
    }
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#end("it was closed")
  }

  async #start(): Promise<ChildProcess> {
    const child = await startLedgerCommand(this.#api, this.#argv, { stdio: ["pipe", "pipe", "ignore", "pipe"] })
    this.#process = child
    const gone = () => {
      if (this.#process === child) this.#end("it ended")
    }
    child.once("error", gone).once("exit", gone)
    child.stdin?.on("error", () => {}) // that it is gone is told by its exit
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#process === child && this.#answered(line))
    return child
  }

  #answered(line: string): void {
    const waiting = this.#waiting.shift()
    const { status, type, text, policy } = objectOf(parsed(line))
    const answer = { status: countOf(status) ?? 200, type: stringOf(type) ?? "", text: stringOf(text) ?? "", policy: stringOf(policy) }
    if (answer.type === "" || answer.text === "") waiting?.reject(new Error("an answer that could not be read"))
    else waiting?.resolve(answer)
  }

  #end(why: string): void {
    const child = this.#child
    this.#child = undefined
    this.#process = undefined
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(why))
    child?.then(
      (process) => void process.kill("SIGKILL"),
      () => {}, // it never began
    )
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
