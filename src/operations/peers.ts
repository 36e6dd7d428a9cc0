/** Who is connected to a writer: what their coming and going means, and what they go by. */
import { gateRuleView, type GateStanding } from "../policy/outbound/rule-view.ts"
import { isWatched, type Peer } from "./client-config.ts"
import type { Intake } from "./intake.ts"
import type { Presence } from "./presence.ts"

type Parts = { readonly intake: Pick<Intake, "join" | "left">; readonly presence: Presence; readonly isStopping: () => boolean }

export function comings({ intake, presence, isStopping }: Parts): { readonly joined: (peer: Peer) => void; readonly left: (peer: Peer) => void } {
  return {
    joined: (peer) => {
      if (isWatched(peer)) presence.joined(peer.sender)
      intake.join(peer)
    },
    left: (peer) => {
      intake.left(peer)
      if (isWatched(peer) && !isStopping()) presence.left(peer.sender)
    },
  }
}

/** The outbound gate of each gateway, as its lane of verdicts brought it. */
export function gatesOf(peers: readonly Peer[]): readonly GateStanding[] {
  const gateways = peers.filter(({ role, lane }) => role === "plugin" && lane === "gate")
  return gateways.map(({ config, protect }) => ({ pid: protect?.gatewayPid ?? null, rule: gateRuleView(config?.gate) }))
}

/** Processes of the gateways. */
export function gatewayPidsOf(peers: readonly Peer[]): ReadonlySet<number> {
  return new Set(peers.flatMap(({ protect }) => protect?.gatewayPid ?? []))
}
