/**
 * Before a run has its model the host asks which, and waits: while a budget runs low the ledger answers a cheaper one, and whoever waits for the answer is
 * told. Fails open, and soon: the doors behind it hold what the model that the run then has can cost.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { hookLine } from "./hook-line.ts"
import type { DoorMaking } from "./install-model-doors.ts"
import type { SharedLedger } from "./shared-ledger.ts"
import { tellBeside } from "./tell-why.ts"

type Fields = Readonly<Record<string, unknown>>
type Override = { readonly providerOverride: string; readonly modelOverride: string }

const chosenWithinMs = 3_000

/** Nothing is asked while no step of any budget is in force in the ledger; before it was ever reached, while the settings name none. */
export function modelIsChosen({ row, ledger, observe }: DoorMaking, event: Fields, ctx: Fields): undefined | Promise<Override | undefined> {
  const current = ledger()
  const { doors } = current.client
  if (doors ? doors.downgrades === true : current.downgrades) {
    current.tellNewPrices()
    return choose(current, { row, observe }, event, ctx).catch(() => undefined) // what cannot be asked is not changed
  }
  observe(current, row, event, ctx)
  return undefined
}

async function choose(current: SharedLedger, { row, observe }: Pick<DoorMaking, "row" | "observe">, event: Fields, ctx: Fields): Promise<Override | undefined> {
  const session = stringOf(ctx["sessionKey"])
  const answered = { run: stringOf(ctx["runId"]), channel: stringOf(ctx["channel"]) }
  // A heartbeat or a job speaks in the session of people, and answers none of their messages.
  const way = ctx["trigger"] === "user" ? current.replyWays.of(session, answered, Date.now()) : undefined
  const { maxPayloadBytes: maxBytes, memory } = current
  const line = hookLine(row, { ...event, tells: way !== undefined }, ctx, { atMs: Date.now(), maxBytes, memory })
  if (line === undefined) return undefined
  const answer = await soon(current.client.gate(line))
  if (answer === undefined) return undefined
  if (answer instanceof Error) {
    observe(current, row, event, ctx) // on record when there is a writer again
    return undefined
  }
  if (answered.run !== undefined) current.chosenModels.set(answered.run, answer.model ?? {}) // of a run that falls back, too: then the host's notice is true
  if (answer.model && session !== undefined) current.chosenModels.set(ofSession(session), answer.model)
  if (answer.words !== undefined) tellBeside(way, answer.words)
  return answer.model && { providerOverride: answer.model.provider, modelOverride: answer.model.model }
}

function ofSession(session: string): string {
  return `session:${session}`
}

/**
 * The host takes a model that a plugin gave for a fallback, and says that the other one is not available; and when the session has its own model again, that the
 * fallback is over. Neither is so, and who waits has read ours.
 */
export function noticeLeaves({ row, ledger, observe }: DoorMaking, event: Fields, ctx: unknown): undefined | { readonly cancel: true } {
  const current = ledger()
  observe(current, row, event, ctx)
  const run = stringOf(event["runId"])
  const { isFallbackNotice, text } = objectOf(event["payload"])
  if (isFallbackNotice !== true) return undefined
  const isOurs = run !== undefined && current.chosenModels.get(run)?.model !== undefined
  const { provider, model } = current.chosenModels.get(ofSession(stringOf(event["sessionKey"]) ?? "")) ?? {}
  const isOver = model !== undefined && stringOf(text)?.endsWith(`(was ${provider}/${model})`) === true
  return isOurs || isOver ? { cancel: true } : undefined
}

/** Undefined when it takes longer than anybody should wait for advice. */
async function soon<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), chosenWithinMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
