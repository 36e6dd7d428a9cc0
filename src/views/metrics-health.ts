/** Whether it records, how much waits and lies on the disk, and what holds the record against something outside. */
import { statfsSync } from "node:fs"
import { countOf, objectOf, type Json } from "../base/json.ts"
import { isDisagreement } from "../format/witness.ts"
import type { LedgerState } from "../ledger/state.ts"
import { anchorStandings } from "./anchors.ts"
import { clockNow } from "./clock.ts"
import { coverageOf } from "./coverage.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { gauge, gauges, type Metric } from "./metric.ts"
import type { MetricsQuestion } from "./metrics.ts"
import { restoredRows } from "./restored-rows.ts"
import { conversationAccess, recountNow } from "./status.ts"
import { storageOf } from "./storage.ts"
import { witnessRows } from "./witness-rows.ts"

const mostNamed = 8
const seconds = (ms: number | undefined | null) => (ms === undefined || ms === null ? undefined : ms / 1_000)
const secondsOf = (iso: string | null | undefined) => (iso === null || iso === undefined ? undefined : Date.parse(iso) / 1_000)

export function healthMetrics(access: LedgerAccess, state: LedgerState, question: MetricsQuestion): readonly Metric[] {
  return [
    ...writerMetrics(question.writer),
    ...journalMetrics(access, question),
    ...coverageMetrics(access, question),
    ...outsideMetrics(access, question),
    ...soundnessMetrics(access, state, question),
  ]
}

function writerMetrics(writer: Json): readonly Metric[] {
  const told = objectOf(writer)
  const number = (name: string) => countOf(told[name])
  const [entries, projected] = [number("entries"), number("projected")]
  return [
    gauge("writer_up", "1 while a writer answers. Without one nothing waits: the next event starts one.", writer === null ? 0 : 1),
    gauge("writer_start_timestamp_seconds", "When the writer began.", seconds(number("startedMs"))),
    gauge("writer_queue_events", "Events that wait for their commit.", number("waiting")),
    gauge("writer_clients", "Connections to the writer.", number("clients")),
    gauge("writer_commit_timestamp_seconds", "When the writer last committed.", seconds(number("lastCommitMs"))),
    gauge(
      "writer_projection_lag_entries",
      "Entries that are on record and not yet in what is computed from it.",
      entries === undefined ? undefined : entries - (projected ?? 0),
    ),
    gauge("receipts_waiting_entries", "Entries that are still to be looked at for receipts.", countOf(objectOf(told["receipts"])["waiting"])),
  ]
}

function journalMetrics(access: LedgerAccess, { writer }: MetricsQuestion): readonly Metric[] {
  const { reader, files } = access
  const { files: sizes, entries, newest } = storageOf(access, writer)
  const checkpoint = reader.latestCheckpoint()
  return [
    gauge("journal_entries", "Entries that were ever recorded.", entries),
    gauge("journal_newest_entry_timestamp_seconds", "When the newest entry was recorded.", secondsOf(newest)),
    gauges(
      "file_size_bytes",
      "Size of a file of the ledger.",
      Object.entries(sizes).map(([file, value]) => ({ labels: { file }, value })),
    ),
    gauge("disk_free_bytes", "Free space where the ledger lies.", freeBytes(files.directory)),
    gauge("checkpoint_timestamp_seconds", "When the last checkpoint was stored.", seconds(checkpoint?.storedMs)),
    gauge("checkpoint_pending_entries", "Entries since the last stored checkpoint.", entries - (checkpoint?.size ?? 0)),
  ]
}

function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  } catch {
    return undefined // not told by this file system
  }
}

function coverageMetrics(access: LedgerAccess, { host }: MetricsQuestion): readonly Metric[] {
  const types = access.ask((views) => views.prepare("SELECT type FROM activity").pluck().all()) as string[]
  const conversations = conversationAccess(types)
  const { notCovered } = coverageOf({ recording: "yes", first: null, host, conversations })
  return [
    gauge("blind_spots", "Kinds of things that no plugin of this host can see, or may not; status names them.", notCovered.length),
    gauge(
      "plugin_loaded",
      "1 where the host's configuration loads the plugin; not there where it cannot be read.",
      host === null ? undefined : host.off === null ? 1 : 0,
    ),
    gauge(
      "conversations_recorded",
      "1 when prompts and answers are on record, 0 when the host has not given the permission; not there before it can be known.",
      conversations === "unknown" ? undefined : conversations === "seen" ? 1 : 0,
    ),
  ]
}

function outsideMetrics(access: LedgerAccess, { writer }: MetricsQuestion): readonly Metric[] {
  const witnesses = witnessRows(access.reader.cosignatures.last(), writer).slice(0, mostNamed)
  const anchors = anchorStandings(access, writer).slice(0, mostNamed)
  const ofWitness = (value: (row: (typeof witnesses)[number]) => number | undefined) =>
    witnesses.flatMap((row) => {
      const told = value(row)
      return told === undefined ? [] : [{ labels: { witness: row.witness }, value: told }]
    })
  const ofAnchor = (value: (row: (typeof anchors)[number]) => number | undefined) =>
    anchors.flatMap((row) => {
      const told = value(row)
      return told === undefined ? [] : [{ labels: { kind: row.kind, authority: row.authority }, value: told }]
    })
  return [
    gauges(
      "witness_cosigned_timestamp_seconds",
      "When a witness last cosigned, by its clock.",
      ofWitness(({ seenAt }) => secondsOf(seenAt)),
    ),
    gauges(
      "witness_disagrees",
      "1 while a witness has seen this ledger otherwise than it is here.",
      ofWitness(({ state }) => (isDisagreement(state) ? 1 : 0)),
    ),
    gauges(
      "anchor_timestamp_seconds",
      "When a third party last gave its word on a checkpoint, by its clock.",
      ofAnchor(({ at }) => secondsOf(at)),
    ),
    gauges(
      "anchor_failures",
      "Failures in a row of one who is asked to anchor.",
      ofAnchor(({ failures }) => failures ?? undefined),
    ),
  ]
}

function soundnessMetrics(access: LedgerAccess, state: LedgerState, { nowMs, writer }: MetricsQuestion): readonly Metric[] {
  const recount = recountNow(access)
  const clock = clockNow(access, { nowMs, writer }, state)
  const restored = restoredRows(state).filter(({ acceptedAt }) => acceptedAt === null)
  return [
    gauge("reconcile_timestamp_seconds", "When the ledger was last counted again from its entries.", secondsOf(recount?.at)),
    gauge("reconcile_violations", "What broke a rule in the last recount.", recount?.violations),
    gauge(
      "clock_offset_seconds",
      "How far the wall clock is ahead of ledger time, where passing time does not explain it; 0 while they agree.",
      clock.state === "agrees" ? 0 : clock.aheadMs / 1_000,
    ),
    gauge("restored_evidence", "What tells that this ledger was put back from a copy, and that nobody has accepted.", restored.length),
  ]
}
