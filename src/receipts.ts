/** The entry `sovereign-ledger/receipts`: receipts by hand, for programs without a gateway (docs/guides/receipts.md). */
import { openReceipts as open } from "./library/open-receipts.ts"
import { carriers, carry as carryAs } from "./library/carriers.ts"
import type { Library } from "./library/receipts-api.ts"
import * as stores from "./library/stores.ts"

export type * from "./library/receipts-api.ts"

export const openReceipts: Library["openReceipts"] = open
export const memoryStore: Library["memoryStore"] = stores.memoryStore
export const fileStore: Library["fileStore"] = stores.fileStore
export const carry: Library["carry"] = carryAs
export const carriersIn: Library["carriersIn"] = carriers
