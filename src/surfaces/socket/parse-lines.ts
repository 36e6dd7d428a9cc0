/** What a client says of itself and of what it lost, as anybody may have put it. */
import { Fault } from "../../base/fault.ts"
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { Gap } from "../../format/gap.ts"
import { parseSpendSettings } from "../../operations/spend/parse-prices.ts"
import type { ClientConfig } from "./protocol.ts"

export function unreadable(problem: string): Fault {
  return new Fault("writer.unreachable", { directory: "the ledger", problem })
}

export function parseGap(value: unknown): Gap {
  const fields = objectOf(value)
  const [reason, fromMs, toMs] = [stringOf(fields["reason"]), numberOf(fields["fromMs"]), numberOf(fields["toMs"])]
  if (reason === undefined || fromMs === undefined || toMs === undefined) throw unreadable("a gap that could not be read")
  return { reason, byType: parseCounts(fields["byType"]), fromMs, toMs, ...(fields["uncounted"] === true ? { uncounted: true } : {}) }
}

export function parseCounts(value: unknown): Readonly<Record<string, number>> {
  const counts = Object.entries(objectOf(value)).flatMap(([hook, count]) => (countOf(count) === undefined ? [] : [[hook, Number(count)] as const]))
  return Object.fromEntries(counts)
}

export function parseClientConfig(value: unknown): ClientConfig | undefined {
  if (value === undefined) return undefined
  const fields = objectOf(value)
  const [guard, hashed] = [objectOf(fields["guard"]), objectOf(fields["hashed"])]
  const texts = (list: unknown) => (Array.isArray(list) ? (list as unknown[]).filter((one) => typeof one === "string") : [])
  return {
    guard: { tools: texts(guard["tools"]), deny: texts(guard["deny"]), ...(typeof guard["self"] === "boolean" ? { self: guard["self"] } : {}) },
    userId: stringOf(fields["userId"]) ?? null,
    hashed: { promptText: hashed["promptText"] === true, toolArgs: hashed["toolArgs"] === true },
    ...(fields["spend"] === undefined ? {} : { spend: parseSpendSettings(fields["spend"]) }),
    ...(Array.isArray(fields["witnesses"]) ? { witnesses: texts(fields["witnesses"]) } : {}),
  }
}
