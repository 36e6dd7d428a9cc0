/** A client of the writer: who it is, and its settings that decide anything. */
import type { HashedParts } from "../capture/redact-hashed.ts"
import type { NewEvent } from "../format/event.ts"
import type { WatchedHost } from "../inventory/watch/watched-host.ts"
import type { OrchestratorJson } from "../policy/orchestrator/orchestrator-setting.ts"
import type { AlertSettings } from "../policy/alerts/alert-rule.ts"
import type { ReceiptRuleJson } from "../policy/receipt-rule.ts"
import type { RetentionJson } from "../policy/retention.ts"
import type { ScanRule } from "../scanner/scan-rule.ts"
import type { AnchorSettings } from "./anchor/anchor-settings.ts"
import type { GatewayPaths } from "./self-watch.ts"
import type { SpendSettings } from "./spend/parse-prices.ts"

/** The settings of a client that decide anything; journaled when they are loaded. */
export type ClientConfig = {
  readonly guard: { readonly tools: readonly string[]; readonly deny: readonly string[]; readonly self?: boolean }
  readonly userId: string | null
  /** Texts and arguments that are stored as salted hashes. */
  readonly hashed: HashedParts
  /** Prices and budgets. A client that does not say leaves them as they are. */
  readonly spend?: SpendSettings
  /** Who is to see the ledger's checkpoints, each as "KEY URL". A client that does not say leaves it as it is. */
  readonly witnesses?: readonly string[]
  /** Who is to anchor the ledger's checkpoints, and when. A client that does not say leaves it as it is. */
  readonly anchors?: AnchorSettings
  /** What is to be removed when; a client that does not say wants everything kept. */
  readonly retention?: RetentionJson
  /** How receipts are to be issued; a client that does not say wants none. */
  readonly receipts?: ReceiptRuleJson
  /** What is watched over of messages that leave, as it was written. */
  readonly gate?: unknown
  /** What is wanted of delegation, as it was written, with the texts of an operator's files; absent where it is off. */
  readonly orchestrator?: OrchestratorJson
  /** What is scanned, and what of it is refused; a client that does not say has its arguments scanned, and nothing refused. */
  readonly scan?: ScanRule
  /** From when on something is odd, as it was written. */
  readonly anomalies?: unknown
  /** Who is told of what, as it was written, with secrets resolved; a client that does not say names nobody. */
  readonly alerts?: AlertSettings
  /** Whose files are watched. A client that does not say leaves it as it is. */
  readonly files?: WatchedHost
}

/** Who is on the other side of one lane. */
export type Peer = {
  readonly role: "plugin" | "cli"
  readonly lane: "observe" | "gate" | "control"
  /** 16 hex digits, random per lane and process. */
  readonly sender: string
  readonly config: ClientConfig | undefined
  /** What of the gateway's own an agent should not reach for. */
  readonly protect?: GatewayPaths | undefined
}

/** Events come from gateways, on this lane; everybody else asks or looks. */
export function isWatched({ role, lane }: Peer): boolean {
  return role === "plugin" && lane === "observe"
}

/** `begin` answers what has to be on record with settings, `heard` is told of them when they are. */
export type SettingsHeard = { readonly begin: (config: ClientConfig) => readonly NewEvent[]; readonly heard: (config: ClientConfig) => void }
