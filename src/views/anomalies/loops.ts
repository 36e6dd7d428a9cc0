/** Loops that a breaker found: the same call again and again, or nearly the same. */
import { stringOf, type JsonObject } from "../../base/json.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound, toldEntries } from "./told-entries.ts"

export type TripFound = {
  readonly at: string
  readonly sequence: number
  readonly breaker: string
  readonly cutOff: boolean
  readonly counted: string
  readonly threshold: string
  readonly unit: string
  readonly tool: string | null
  readonly agent: string | null
}

export const loopBreakers: readonly string[] = ["identical-calls", "similar-calls"]

export const loops: Detector<TripFound> = (access, watched) => {
  const trips = toldEntries(access, watched, ["breaker.tripped"]).filter(({ facts }) => loopBreakers.includes(String(facts["breaker"])))
  return { found: trips.slice(0, mostFound).map(tripFound), truncated: trips.length > mostFound }
}

export function tripFound({ sequence, atMs, facts }: { readonly sequence: number; readonly atMs: number; readonly facts: JsonObject }): TripFound {
  const told = (name: string) => stringOf(facts[name])
  return {
    ...{ at: iso(atMs), sequence, breaker: told("breaker") ?? "unknown", cutOff: facts["mode"] === "block" },
    ...{ counted: told("counted") ?? "", threshold: told("threshold") ?? "", unit: told("unit") ?? "" },
    ...{ tool: told("tool") ?? null, agent: told("agent") ?? null },
  }
}
