/** An order to the ledger from the gateway's own process, over the lane of gates: answered when it is on disk. */
import type { GateAnswer } from "../surfaces/socket/protocol.ts"
import type { SharedLedger } from "./shared-ledger.ts"

/** The answer, or in words why there is none. `isAway`: the writer could not be asked. */
export type Ordered = NonNullable<GateAnswer["order"]> | { readonly unanswered: string; readonly isAway: boolean }

export async function giveOrder({ client }: SharedLedger, order: object): Promise<Ordered> {
  const answer = await client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order })}}`)
  if (answer instanceof Error) return { unanswered: answer.message, isAway: true }
  return answer.order ?? { unanswered: answer.words ?? "the writer did not answer", isAway: false }
}
