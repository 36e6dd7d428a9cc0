/** What the threads of an import load only when they make events of all they read: how live capture maps a call, and takes secrets out of it. */
import type { KeyObject } from "node:crypto"
import { deepReading } from "./history/events/deep-reading.ts"
import type { DeepReading } from "./history/read-source.ts"
import { eventsOf } from "./operations/record.ts"
import { pseudonymUnder } from "./vault/scopes.ts"

export function deepReadingUnder(key: KeyObject): DeepReading {
  // What the host allowed or refused at that time is told by what became of a call.
  const context = { pseudonym: (text: string) => pseudonymUnder(key, text), judgeTool: () => ({ guarded: false, verdict: "allow" }) as const }
  return deepReading((call) => eventsOf(call, context))
}
