/**
 * The same words sent to the same recipient again within a while: a retry that had arrived, a loop, or an agent that repeats itself. The journal keeps no hash of texts
 * that could be compared, so sends of one length on one channel that lie close together are opened, and their words held against each other.
 */
import { createHash } from "node:crypto"
import { objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import { contentOf } from "../event-list.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import type { Detector, Watched } from "./detector.ts"

/** Contents that one report opens: a tenth of a second's worth. */
const mostOpened = 1_000
const mostFound = 100
const mostListed = 100

type Send = { readonly sequence: number; readonly at_ms: number; readonly channel: string; readonly length: number }
type Opened = Send & { readonly recipient: string }

export type Duplicate = {
  readonly channel: string
  readonly recipient: string
  readonly count: number
  readonly length: number
  readonly first: string
  readonly last: string
  /** The first hundred of them. */
  readonly sequences: readonly number[]
}

export const duplicates: Detector<Duplicate> = (access, watched) => {
  const candidates = candidatesIn(access, watched)
  const groups = new Map<string, Opened[]>()
  for (const send of candidates.slice(0, mostOpened)) {
    const said = saidIn(access, send.sequence)
    if (said === undefined) continue // erased, or nothing that can be compared
    const key = `${send.channel}\n${said.recipient}\n${said.hash}`
    const group = groups.get(key)
    const opened = { ...send, recipient: said.recipient }
    if (group) group.push(opened)
    else groups.set(key, [opened])
  }
  const runs = [...groups.values()].flatMap((group) => runsOf(group, watched.dupWindowMs)).toSorted((a, b) => a[0].sequence - b[0].sequence)
  return { found: runs.slice(0, mostFound).map(told), truncated: candidates.length > mostOpened || runs.length > mostFound }
}

/** Sends that have another of their length and channel close by, in the order of time; one more than are opened where there are more. */
function candidatesIn(access: LedgerAccess, { fromMs, toMs, dupWindowMs }: Watched): readonly Send[] {
  return access.ask((views) =>
    views
      .prepare(
        `SELECT sequence, at_ms, channel, length FROM (
           SELECT sequence, at_ms, channel, length, at_ms - lag(at_ms) OVER same AS before, lead(at_ms) OVER same - at_ms AS after FROM sends
           WHERE at_ms >= ? AND at_ms < ? AND success = 1 WINDOW same AS (PARTITION BY channel, length ORDER BY at_ms, sequence))
         WHERE before <= ? OR after <= ? ORDER BY at_ms, sequence LIMIT ?`,
      )
      .all(fromMs, toMs, dupWindowMs, dupWindowMs, mostOpened + 1),
  ) as Send[]
}

function saidIn(access: LedgerAccess, sequence: number): { readonly recipient: string; readonly hash: string } | undefined {
  const entry = access.reader.entry(sequence)
  const { text: json } = entry ? contentOf(access, entry) : {}
  const content = objectOf(json === undefined ? undefined : JSON.parse(json)) as JsonObject
  const text = stringOf(content["text"])
  const recipient = stringOf(content["to"]) ?? stringOf(content["conversation"])
  if (text === undefined || recipient === undefined) return undefined
  return { recipient: [recipient, stringOf(content["thread"])].filter(Boolean).join(" "), hash: createHash("sha256").update(text).digest("hex") }
}

type Run = [Opened, ...Opened[]]

/** Each gap and the whole are within the window. */
function runsOf(group: readonly Opened[], windowMs: number): readonly Run[] {
  const runs: Run[] = []
  for (const send of group) {
    const run = runs.at(-1)
    if (run && send.at_ms - run[0].at_ms <= windowMs) run.push(send)
    else runs.push([send])
  }
  return runs.filter(({ length }) => length > 1)
}

function told(run: Run): Duplicate {
  const [first] = run
  return {
    channel: first.channel,
    recipient: first.recipient,
    count: run.length,
    length: first.length,
    first: new Date(first.at_ms).toISOString(),
    last: new Date((run.at(-1) ?? first).at_ms).toISOString(),
    sequences: run.slice(0, mostListed).map(({ sequence }) => sequence),
  }
}
