/** Receipts put into messages and headers, and read from there. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { carrierOf, carriersInHeaders, carriersOf, placedIn, transports, type Placed } from "../format/peac/carrier.ts"
import { parseRecord, type Parsed } from "../format/peac/record.ts"
import type { Library } from "./receipts-api.ts"

export function carry<T extends keyof Placed>(record: string, as: T, { url }: { readonly url?: string } = {}): Placed[T] {
  if (!transports.includes(as)) throw new Fault("library.carrier", { problem: `receipts are carried as ${transports.join(", ")}` })
  valueOf(parseRecord(record))
  return placedIn(valueOf(carrierOf(record, url, as)), as)
}

export const carriers: Library["carriersIn"] = (from) => valueOf("headers" in from ? carriersInHeaders([...from.headers]) : carriersOf(objectOf(from.message)))

function valueOf<T>(parsed: Parsed<T>): T {
  if ("problem" in parsed) throw new Fault("library.carrier", { problem: parsed.problem })
  return parsed.value
}
