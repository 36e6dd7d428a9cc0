/** Plugins and skills that were installed, every one: marked where the host's scan of it found something critical or did not end well. */
import { countOf, stringOf, type JsonObject } from "../../base/json.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound } from "./told-entries.ts"

export type InstallFound = {
  readonly at: string
  readonly sequence: number
  readonly kind: string | null
  readonly name: string | null
  readonly version: string | null
  readonly origin: string | null
  readonly scan: string | null
  readonly critical: number
  readonly warnings: number
  readonly marked: boolean
}

export const installs: Detector<InstallFound> = (access, { fromMs, toMs }) => {
  const rows = access.ask((views) =>
    views
      .prepare("SELECT sequence, at_ms, facts FROM installs WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, sequence LIMIT ?")
      .all(fromMs, toMs, mostFound + 1),
  ) as { readonly sequence: number; readonly at_ms: number; readonly facts: string }[]
  const found = rows.slice(0, mostFound).map(({ sequence, at_ms: atMs, facts: text }) => {
    const facts = JSON.parse(text) as JsonObject
    const told = (name: string) => stringOf(facts[name]) ?? null
    return {
      ...{ at: iso(atMs), sequence, kind: told("kind"), name: told("plugin") ?? told("package") ?? told("target"), version: told("version") },
      ...{
        origin: told("origin") ?? told("sourceKind"),
        scan: told("scan"),
        critical: countOf(facts["critical"]) ?? 0,
        warnings: countOf(facts["warnings"]) ?? 0,
      },
      marked: isMarked(facts),
    }
  })
  return { found, truncated: rows.length > mostFound }
}

export function isMarked({ critical, scan }: JsonObject): boolean {
  return (countOf(critical) ?? 0) > 0 || (typeof scan === "string" && scan !== "ok")
}
