/** What commands ask of a writer on the control lane, one row an action. Each is answered when what it wrote is on disk. */
import { Fault } from "../../base/fault.ts"
import { prepareHandOver, type HandedOver, type HandOverOptions } from "../../operations/hand-over-key.ts"
import type { Importing } from "../../operations/import/importing.ts"
import type { Intake } from "../../operations/intake.ts"
import type { OpenLedger } from "../../operations/open-ledger.ts"
import { takeMasterStep, type MasterStepDone } from "../../operations/replace-master.ts"
import type { OrderAnswer } from "../../operations/spend/ledger-orders.ts"
import type { Spending } from "../../operations/spend/spending.ts"
import type { Upkeep } from "../../operations/upkeep.ts"
import { protocolVersion, type ControlAction, type WriterStatus } from "./protocol.ts"

export type ControlParts = {
  readonly ledger: OpenLedger
  readonly intake: Pick<Intake, "record" | "commit">
  readonly spending: Pick<Spending, "orders">
  readonly importing: Pick<Importing, "take">
  readonly upkeep: Pick<Upkeep, "storeCheckpoint" | "replaceSigner">
  readonly nowMs: () => number
  readonly status: () => WriterStatus
  /** Commits what waits; throws what the disk refused. */
  readonly settle: () => void
  /** An order was carried out. */
  readonly ordered: () => void
  readonly failed: (error: unknown) => void
  readonly leave: (action: "stop" | "hand-over") => void
  /** Of a hand-over of the signing key; in tests and benches. */
  readonly reached?: HandOverOptions["reached"]
}

type Line = Readonly<Record<string, unknown>>

/** Answers one question, or throws what is wrong with it. */
export function controlsOf(parts: ControlParts): (action: ControlAction, line: Line) => unknown {
  const rows: { readonly [A in ControlAction]: (line: Line) => unknown } = {
    status: parts.status,
    sign: () => {
      parts.settle()
      const { checkpoint, note } = parts.ledger.journal.checkpoint()
      return { note, size: checkpoint.size }
    },
    checkpoint: () => {
      parts.settle()
      return parts.upkeep.storeCheckpoint()
    },
    order: (line) => order(parts, line),
    import: (line) => parts.importing.take(line),
    "replace-signer": ({ successor }) => replaceSigner(parts, successor),
    "replace-master": (line) => replaceMaster(parts, line),
    "hand-over": () => leaving(parts, "hand-over"),
    stop: () => leaving(parts, "stop"),
  }
  return (action, line) => {
    if (!Object.hasOwn(rows, action)) throw new Fault("writer.protocol", { found: protocolVersion, known: String(action) })
    return rows[action](line)
  }
}

/** The answer leaves first. */
function leaving({ leave }: ControlParts, action: "stop" | "hand-over"): { readonly leaving: true; readonly pid: number } {
  setImmediate(() => leave(action))
  return { leaving: true, pid: process.pid }
}

/** Decided right before its commit, and answered after it. */
function order({ spending, intake, settle, ordered }: ControlParts, line: Line): OrderAnswer {
  const asked = spending.orders.ask(line)
  intake.commit(asked.events)
  settle()
  ordered()
  return asked.answer()
}

/** Keys that are half written are for the next writer to settle. */
function replaceSigner({ ledger, upkeep, settle, failed, reached }: ControlParts, successor: unknown): HandedOver {
  settle()
  const prepared = prepareHandOver(ledger, successor)
  try {
    return upkeep.replaceSigner(prepared, reached)
  } catch (error) {
    failed(error)
    throw error
  }
}

function replaceMaster(parts: ControlParts, line: Line): MasterStepDone | OrderAnswer {
  const { ledger, intake, spending, settle, nowMs } = parts
  settle()
  // The step after the first one only brings to its end what was allowed.
  const refused = line["step"] === "promote" ? undefined : spending.orders.refusal(line, "another master key")
  if (refused) {
    intake.commit(() => refused.events)
    settle()
    return refused.answer
  }
  return takeMasterStep(ledger, line, nowMs(), (event) => {
    intake.record(event)
    settle()
  })
}
