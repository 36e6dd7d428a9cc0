/** The two lanes of a gateway, opened together: one that is left alone would take lines and never answer. */
import { Fault } from "../base/fault.ts"
import type { ConnectionEvents, WriterConnection } from "../surfaces/socket/connection.ts"
import { openLane, type LinkOptions } from "../surfaces/socket/writer-link.ts"

type Lanes = { readonly observe: WriterConnection; readonly gate: WriterConnection }

/** `closed` is called once, and only after both were open. */
export async function openLanes(link: LinkOptions, senders: { readonly observe: string; readonly gate: string }, events: ConnectionEvents): Promise<Lanes> {
  let state: "opening" | "open" | "ended" = "opening"
  const closed = (why: Fault | undefined) => {
    const wasOpen = state === "open"
    state = "ended"
    if (wasOpen) events.closed(why)
  }
  const observe = await openLane(link, "observe", senders.observe, { ...events, closed })
  let gate: WriterConnection | undefined
  try {
    gate = await openLane(link, "gate", senders.gate, { ...events, closed })
    if ((state as string) === "ended") throw new Fault("writer.unreachable", { directory: "this gateway's ledger", problem: "it left" })
  } catch (error) {
    observe.close()
    gate?.close()
    throw error
  }
  state = "open"
  observe.hold(false)
  gate.hold(false)
  return { observe, gate }
}
