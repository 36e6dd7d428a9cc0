/** A host that is watched, as its gateway tells the writer of it. */
import { isAbsolute } from "node:path"
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { HostPlaces } from "../host-places.ts"
import type { WatchRules } from "./watched-places.ts"

export type WatchedHost = HostPlaces &
  WatchRules & {
    readonly intervalMs: number
    /** Looks again and again, and waits for no word of the system: for directories that lie on another machine. */
    readonly usePolling: boolean
  }

export const leastIntervalMs = 100
export const usualIntervalMs = 1_000
export const mostPatterns = 256
const longestPattern = 1_024

/** Undefined of what names no places. */
export function watchedHostOf(value: unknown): WatchedHost | undefined {
  const fields = objectOf(value)
  const [stateDirectory, configFile, home] = [fields["stateDirectory"], fields["configFile"], fields["home"]].map(stringOf)
  if (stateDirectory === undefined || configFile === undefined || home === undefined) return undefined
  if (![stateDirectory, configFile, home].every((path) => isAbsolute(path) && !path.includes("\0"))) return undefined
  return {
    ...{ stateDirectory, configFile, home },
    ...{ patterns: patternsOf(fields["patterns"]), ignore: patternsOf(fields["ignore"]) },
    intervalMs: Math.max(leastIntervalMs, numberOf(fields["intervalMs"]) ?? usualIntervalMs),
    usePolling: fields["usePolling"] === true,
  }
}

export function isPattern(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= longestPattern && !value.includes("\0")
}

function patternsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isPattern).slice(0, mostPatterns) : []
}
