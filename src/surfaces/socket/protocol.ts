/**
 * What the gateway's client, the command line and the writer say to each other: one JSON object a line over a local socket.
 *
 * The first line of each side is `hello` and `welcome`. A connection has one lane: `observe` (events, acknowledged after their commit),
 * `gate` (a verdict per question, after its commit) or `control` (questions and orders of commands).
 */
import type { ReceiptStanding } from "../../operations/receipts/issuing.ts"
import type { GateStanding } from "../../policy/outbound/rule-view.ts"
import type { PruneStanding } from "../../operations/prune/pruning.ts"
import type { FaultJson } from "../../base/fault.ts"
import type { AnchorStatus } from "../../operations/anchor/anchoring.ts"
import type { WitnessStatus } from "../../operations/witnessing.ts"
import type { Answer } from "../../operations/intake.ts"
import type { ClientConfig } from "../../operations/client-config.ts"
import type { GapLine, ObserveLine } from "../../operations/observed-line.ts"
import type { Tell } from "../../operations/alerts/deliveries.ts"
import type { Doors } from "../../ledger/doors.ts"
import type { ClockStanding } from "../../ledger/ledger-clock.ts"
import type { GatewayPaths } from "../../operations/self-watch.ts"
import type { Successor } from "../../vault/key-store.ts"

export type { ClientConfig, GapLine, ObserveLine }

/** Raised when an older peer could not understand a newer one. */
export const protocolVersion = 1
export const longestLineBytes = 16 * 1024 * 1024

export type Lane = "observe" | "gate" | "control"

export type Hello = {
  readonly hello: {
    readonly protocol: number
    readonly version: string
    /** Hash of the sender's writer code, so that two builds of one version are told apart. */
    readonly code: string
    readonly role: "plugin" | "cli"
    readonly lane: Lane
    /** 16 hex digits, random per lane and process: with its numbers it makes a repeat recognisable. */
    readonly sender: string
    readonly config?: ClientConfig
    readonly protect?: GatewayPaths
  }
}

export type Welcome = {
  readonly welcome: {
    readonly protocol: number
    readonly version: string
    readonly code: string
    readonly pid: number
    /** Highest number of this sender that is on disk. */
    readonly mark: number
    readonly doors?: Doors
  }
}

/** What waits in the client, by hook, when it is more than a moment's; all of it follows. */
export type HeldLine = { readonly held: Readonly<Record<string, number>> }

/** The client holds nothing more, and may end. */
export type GoodbyeLine = { readonly goodbye: true }

/** A question that waits: as an observed call, with the asker's own number for the answer. */
export type GateLine = ObserveLine & { readonly gate: number }

export type GateAnswer = Answer & { readonly gate: number }

/** `order`: of the ledger (operations/spend/parse-order.ts), with the `credential` of who asks and the processes it runs `under`; `hand-over`: from one writer to a newer one; `replace-signer`: from one signing key to another, with the new one as `successor`; `replace-master`: one step from one master key to another (operations/replace-master.ts), asked like an order; `may`: whether who asks may do what a command is about to do; `erase`, `legal-hold`: contents that are to go, or to stay (operations/erase/), asked like an order, too; `commit-map`: the root of the map of event ids put on record; `receipt-keys`: the public keys of receipts, for who publishes them; `revoke-key`: one of them revoked, asked like an order; `test-alerts`: everybody told who is told of alerts; `import`: what was read of the host's history (operations/import/). */
export type ControlAction =
  | "status"
  | "sign"
  | "checkpoint"
  | "replace-signer"
  | "replace-master"
  | "erase"
  | "legal-hold"
  | "may"
  | "order"
  | "import"
  | "commit-map"
  | "receipt-keys"
  | "revoke-key"
  | "test-alerts"
  | "hand-over"
  | "stop"
export type ControlLine = { readonly ask: number; readonly do: ControlAction; readonly successor?: Successor }
export type ControlAnswer = { readonly ask: number; readonly result?: unknown; readonly fault?: FaultJson }

/** What the writer says of itself. */
export type WriterStatus = {
  readonly pid: number
  readonly version: string
  readonly code: string
  readonly startedMs: number
  readonly entries: number
  readonly waiting: number
  readonly clients: number
  readonly projected: number
  readonly lastCommitMs: number
  readonly witnesses: readonly WitnessStatus[]
  readonly anchors: readonly AnchorStatus[]
  /** Ledger time, and how the wall clock stands to it. */
  readonly clock: ClockStanding | null
  /** What is kept, by the settings of the gateways it has seen, why nothing could be removed by them, and in how long it is looked again; null where everything is kept. */
  readonly retention: PruneStanding | null
  /** Whether actions have receipts, how many were issued, and how many entries wait to be looked at; null until it is known. */
  readonly receipts: ReceiptStanding | null
  /** What each gateway that is connected goes by at the outbound gate. */
  readonly gates: readonly GateStanding[]
}

/** Told whenever it changes. */
export type DoorsLine = { readonly doors: Doors }

/** An alert that one gateway is asked to say in a chat; what came of it comes back as an event of its own, `alert-told`. */
export type TellLine = { readonly tell: Tell }

export type ServerLine = Welcome | DoorsLine | TellLine | { readonly ack: number } | GateAnswer | ControlAnswer | { readonly fault: FaultJson }
