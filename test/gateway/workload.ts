/**
 * Turns that go on until told to stop, in several sessions at once, each with a guarded and an unguarded tool call; and the comparison of what was
 * recorded with the two witnesses that are not ours: the model's own log, and the file into which the guarded tool writes that it ran.
 */
import { appendFileSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { GatewayClient } from "./gateway-client.ts"
import { callsOf } from "./ledger-fixture.ts"
import { ofType, type LedgerEvent } from "./ledger.ts"
import type { ModelRequest } from "./model-server.ts"
import { runTurn } from "./turn.ts"

export type Workload = {
  /** Turns that have ended. */
  readonly turns: number
  /**
   * Longest pause between a session's turns from now on, in durations of the turn before. The host refuses to replace a plugin while a turn is under
   * way, and holds no turn back for it: without pauses it never would.
   */
  pace(turnsLong: number): void
  /** Ends after the turns under way; answers how each turn ended. A gateway that went away ends it, too. */
  stop(): Promise<readonly string[]>
}

export type WorkloadOptions = {
  readonly client: GatewayClient
  /** Names the sessions. */
  readonly name: string
  readonly sessions: number
  readonly directory: string
}

export function startWorkload({ client, name, sessions, directory }: WorkloadOptions): Workload {
  const statuses: string[] = []
  const end = new AbortController()
  let pauseTurns = 0
  const log = ranLog(directory)
  appendFileSync(log, "")
  const work = async (session: number): Promise<void> => {
    for (let number = 1; !end.signal.aborted && client.isOpen; number++) {
      const tag = `${name}-${session}-${number}`
      const message = `TOOL exec {"command":"echo ${tag} >> ${log}"}\nTOOL ls {"path":"."}\nSAY ${tag}`
      const { status, durationMs } = await runTurn(client, message, { sessionKey: `agent:main:${name}-${session}` })
      statuses.push(status)
      await sleep(Math.random() * pauseTurns * durationMs)
    }
  }
  const running = Array.from({ length: sessions }, (_, session) => work(session).catch(() => statuses.push("the gateway went away")))
  return {
    get turns() {
      return statuses.length
    },
    pace(turnsLong) {
      pauseTurns = turnsLong
    },
    async stop() {
      end.abort()
      await Promise.all(running)
      return statuses
    },
  }
}

export type Difference = { readonly lost: readonly string[]; readonly doubled: readonly string[] }

/** Compares calls and usage, one by one, with what the model says it asked for and was asked. */
export function compareWithModel(events: readonly LedgerEvent[], requests: readonly ModelRequest[]): Readonly<Record<string, Difference>> {
  const calls = callsOf(requests).map(({ id }) => id)
  const answers = requests.map(({ index }) => `chatcmpl-mock-${index}`)
  const fact = (types: readonly string[], name: string) => types.flatMap((type) => ofType(events, type).map(({ facts }) => String(facts[name])))
  const began = new Set(fact(["model.called"], "call"))
  return {
    "calls asked for": difference(calls, fact(["tool.invoked"], "call")),
    "calls ended": difference(calls, fact(["tool.returned", "tool.denied"], "call")),
    "usage of model calls": difference(answers, fact(["usage.reported"], "response")),
    "model calls": difference([...began], fact(["model.returned"], "call")),
    "number of model calls": difference(
      answers.map((_, at) => String(at)),
      fact(["model.called"], "call").map((_, at) => String(at)),
    ),
  }
}

export const nothingDiffers: Difference = { lost: [], doubled: [] }

/** Guarded calls that ran, by their own account, and have no record that they were allowed to. */
export function ranWithoutRecord(directory: string, requests: readonly ModelRequest[], events: readonly LedgerEvent[]): readonly string[] {
  const ran = readFileSync(ranLog(directory), "utf8").split("\n").filter(Boolean)
  const recorded = new Set(ofType(events, "tool.invoked", { guarded: true, verdict: "allow" }).map(({ facts }) => facts["call"]))
  const idOf = new Map(callsOf(requests).map(({ id, args }) => [/echo (\S+) >>/.exec(args)?.[1], id]))
  return ran.filter((tag) => !recorded.has(idOf.get(tag) ?? ""))
}

export function ranCount(directory: string): number {
  return readFileSync(ranLog(directory), "utf8").split("\n").filter(Boolean).length
}

function ranLog(directory: string): string {
  return join(directory, "guarded-calls-that-ran.log")
}

function difference(expected: readonly string[], recorded: readonly string[]): Difference {
  const counts = new Map<string, number>()
  for (const each of recorded) counts.set(each, (counts.get(each) ?? 0) + 1)
  return { lost: expected.filter((each) => !counts.has(each)), doubled: [...counts].flatMap(([each, count]) => (count > 1 ? [each] : [])) }
}
