/** A ledger with a session that is going to be erased, and others that are not. */
import type { TestLedger } from "../../ledger-fixture.ts"

/** Stands in contents of the session only. */
export const contentCanary = "the words nobody is to read again"

export function erasable(ledger: TestLedger): { readonly session: string } {
  const session = "agent:main:erased"
  ledger.append(200)
  for (const sender of ["", "telegram:4711"]) {
    ledger.record({
      type: "message.received",
      id: `message.received:erased:${sender}`,
      scope: { session, sender },
      facts: { channel: "telegram", length: contentCanary.length },
      content: { text: contentCanary, sender },
    })
  }
  ledger.append(100)
  ledger.close()
  return { session }
}
