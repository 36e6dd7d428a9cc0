/**
 * The doors of model calls in the gateway. While anything may refuse a spend, a permit is asked for before each call where the host waits for us (a run's
 * beginning, the calls and results of its tools, a compaction), and used up where a call begins, which the host does not wait for: without one the run is
 * stopped there and then, and its request does not leave.
 */
import { readFileSync } from "node:fs"
import { problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { callWanted } from "../capture/hooks/own.ts"
import { openDoors, type Doors, type Permit } from "../ledger/doors.ts"
import { hookLine } from "./hook-line.ts"
import type { Granted, NextCall } from "./permits.ts"
import type { SharedLedger } from "./shared-ledger.ts"

type Fields = Readonly<Record<string, unknown>>

/** What the doors go by, of all that the copies of the plugin share. */
export type DoorLedger = Pick<SharedLedger, "blocks" | "doorsFile" | "permits" | "maxPayloadBytes" | "memory"> & {
  readonly client: Pick<SharedLedger["client"], "doors" | "gate" | "writerPid">
  /** The clock that hooks are told by; left out, the machine's. */
  readonly nowMs?: () => number
}

/**
 * What the writer says. Where it is away, what it said last and what it has left in its directory since; and what the settings ask for, which a writer that was
 * just told of them may not have taken up. Something may refuse where one of them says so.
 */
export function doorsOf({
  blocks,
  client,
  doorsFile,
}: Pick<DoorLedger, "blocks" | "doorsFile"> & { readonly client: Pick<DoorLedger["client"], "doors" | "writerPid"> }): Doors {
  const { doors: told = openDoors, writerPid } = client
  if (told.hard) return told
  return blocks || (writerPid === undefined && isHardIn(doorsFile)) ? { ...told, hard: true } : told
}

function isHardIn(doorsFile: string | undefined): boolean {
  try {
    return doorsFile !== undefined && objectOf(JSON.parse(readFileSync(doorsFile, "utf8")))["hard"] === true
  } catch (error) {
    // Not there: nothing refuses. There and not to be read: then somebody meant it.
    return objectOf(error)["code"] !== "ENOENT" && objectOf(error)["code"] !== "ENOTDIR"
  }
}

/** `anew`: whatever was asked before is not for this call. */
export type Wanted = { readonly place: string; readonly event: Fields; readonly ctx: Fields; readonly row?: HookRow; readonly anew?: boolean }

/** Asks for the next model call of a run or a compaction, once, however many doors ask. */
export function wantCall(ledger: DoorLedger, { place, event, ctx, row = callWanted, anew = false }: Wanted): Promise<Granted> {
  const { provider, model } = event
  const asked = stringOf(model) === undefined ? undefined : { provider: stringOf(provider), model: stringOf(model) }
  const question = ({ model: latest, knownBytes, leftOver }: NextCall) => {
    const instead = leftOver && { instead: leftOver.hold, insteadAttempt: leftOver.attempt }
    return ask(ledger, row, { ...latest, ...event, ...instead, knownBytes: knownBytes || undefined }, ctx)
  }
  return anew ? ledger.permits.anew(place, asked, question) : ledger.permits.next(place, asked, question)
}

async function ask(ledger: DoorLedger, row: HookRow, event: Fields, ctx: Fields): Promise<Granted> {
  try {
    const line = hookLine(row, event, ctx, { atMs: (ledger.nowMs ?? Date.now)(), maxBytes: ledger.maxPayloadBytes, memory: ledger.memory })
    if (line === undefined) return { words: refusal("it could not be read") }
    const answer = await ledger.client.gate(line)
    if (answer instanceof Error) return { words: refusal(answer.message.replace(/\.$/, "")) }
    if (answer.verdict === "allow" && answer.permit) return { permit: answer.permit }
    return { words: answer.words ?? refusal("it was refused") }
  } catch (error) {
    return { words: refusal(problemOf(error)) }
  }
}

function refusal(problem: string): string {
  return `Sovereign Ledger stopped this call to the model: what it may cost has to be set aside first, and could not be (${problem}).`
}

/** A model call begins: with the hold it uses up, or without one while nothing may refuse; or it is to be stopped, and the hold stands still. */
export type Begun =
  | { readonly permit: Permit | undefined }
  | { readonly permit: Permit | undefined; readonly stopped: { readonly why: string; readonly words: string } }

export function beginCall(ledger: DoorLedger, event: Fields, ctx: Fields): Begun {
  const { hard, frozen } = doorsOf(ledger)
  const granted = ledger.permits.use(placeOf(event, ctx), { provider: stringOf(event["provider"]), model: stringOf(event["model"]) })
  const permit = granted && "permit" in granted ? granted.permit : undefined
  if (frozen !== undefined)
    return { permit, stopped: { why: "frozen", words: `Sovereign Ledger stopped this call to the model: all spending is frozen (${frozen}).` } }
  if (permit || !hard) return { permit }
  if (granted && "words" in granted) return { permit, stopped: { why: "refused", words: granted.words } }
  return { permit, stopped: { why: "no permit", words: refusal("nobody asked for it in time") } }
}

/** Of a run its id; a compaction is asked for before it has one, by its session. */
export function placeOf(event: Fields, ctx: Fields): string {
  const run = stringOf(ctx["runId"]) ?? stringOf(event["runId"]) ?? ""
  return run.includes(":compaction:") ? compactionPlace(ctx, event) : run
}

export function compactionPlace(ctx: Fields, event: Fields = {}): string {
  return `compaction:${stringOf(ctx["sessionId"]) ?? stringOf(event["sessionId"]) ?? ""}`
}

/** A permit as it goes with what is told of its call. */
export function held(permit: Permit | undefined): Fields {
  return permit ? { hold: permit.hold, holdAttempt: permit.attempt } : {}
}

const mostWalked = 200_000

/** UTF-8 bytes of all texts in a value; undefined when there is more of it than is worth walking. */
export function textBytes(value: unknown): number | undefined {
  let bytes = 0
  let walked = 0
  const open: unknown[] = [value]
  while (open.length > 0) {
    if (++walked > mostWalked) return undefined
    const next = open.pop()
    if (typeof next === "string") bytes += Buffer.byteLength(next)
    else if (Array.isArray(next)) for (const item of next) open.push(item)
    else if (typeof next === "object" && next !== null) for (const item of Object.values(next)) open.push(item)
  }
  return bytes
}
