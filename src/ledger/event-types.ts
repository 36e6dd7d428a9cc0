/** Which events of a journal are the ledger's own: those `evolve` takes, and no other. */
import type { LedgerEventType } from "../format/facts/ledger.ts"

const types: { readonly [T in LedgerEventType]: true } = {
  "transfer.posted": true,
  "hold.placed": true,
  "hold.consumed": true,
  "hold.settled": true,
  "hold.released": true,
  "hold.expired": true,
  "budget.set": true,
  "budget.removed": true,
  "budget.opened": true,
  "budget.warned": true,
  "allowance.set": true,
  "allowance.removed": true,
  "allowance.opened": true,
  "window.reported": true,
  "budget.frozen": true,
  "budget.unfrozen": true,
  "account.frozen": true,
  "account.unfrozen": true,
  "ledger.frozen": true,
  "ledger.unfrozen": true,
  "ledger.restored": true,
  "clock.anchored": true,
  "clock.jumped": true,
  "clock.accepted": true,
  "extension.asked": true,
  "extension.granted": true,
  "extension.denied": true,
  "extension.expired": true,
  "breaker.set": true,
  "breaker.tripped": true,
  "breaker.reset": true,
  "downgrades.set": true,
  "model.downgraded": true,
  "operator.credential-set": true,
}

export function isLedgerEvent(type: string): type is LedgerEventType {
  return Object.hasOwn(types, type)
}
