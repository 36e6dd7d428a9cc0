/** The host's payloads under `test/vectors/openclaw`, and a way through capture that is the same on every run. */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { CaptureMemory } from "../../src/capture/capture-memory.ts"
import { encodeBounded } from "../../src/capture/encode.ts"
import type { CapturedCall, HookRow, MapContext, Picked } from "../../src/capture/hook-row.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import type { NewEvent } from "../../src/format/event.ts"

export type Payload = { readonly event: Picked; readonly ctx: Picked }
export type Variant = { readonly row: HookRow; readonly variant: string; readonly payload: Payload }

export const vectorsUrl = new URL("../vectors/openclaw/", import.meta.url)
export const atMs = 1_795_171_966_169
const boundBytes = 64 * 1024

/** Guards exec, denies write; pseudonyms are hashes, so that no text shines through them. */
export const context: MapContext = {
  pseudonym: (text) => `~${createHash("sha256").update(text).digest("base64url").slice(0, 19)}`,
  judgeTool: (tool) => (tool === "write" ? { guarded: true, verdict: "deny", rule: "write" } : { guarded: tool === "exec", verdict: "allow" }),
}

export const variants: readonly Variant[] = ["recorded", "made"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, vectorsUrl))
    .sort()
    .flatMap((file) => {
      const row = hookRows.find((row) => row.hook === file.replace(".json", ""))
      if (row === undefined) throw new Error(`${file} belongs to no row`)
      const payloads = JSON.parse(readFileSync(new URL(`${folder}/${file}`, vectorsUrl), "utf8")) as Readonly<Record<string, Payload>>
      return Object.entries(payloads).map(([variant, payload]) => ({ row, variant, payload }))
    }),
)

/** One call as it crosses to the writer: picked, encoded and parsed again. */
export function captured(
  row: HookRow,
  payload: { readonly event: unknown; readonly ctx: unknown },
  maxBytes = boundBytes,
  memory = new CaptureMemory(),
): CapturedCall {
  const encoded = encodeBounded(row.pick(payload.event as Picked, payload.ctx as Picked, memory), maxBytes)
  const cut = encoded.cut === undefined ? {} : { cut: { ...encoded.cut, keptSha256: createHash("sha256").update(encoded.text).digest("hex") } }
  return { hook: row.hook, atMs, picked: JSON.parse(encoded.text) as Picked, ...cut }
}

export function eventsOf(row: HookRow, payload: { readonly event: unknown; readonly ctx: unknown }, maxBytes?: number): readonly NewEvent[] {
  return row.map(captured(row, payload, maxBytes), context)
}

/** All that is written down for ever or in the clear: everything of an event but its content and whose it is. */
export function openParts(event: NewEvent): string {
  return JSON.stringify([event.type, event.id, event.facts])
}
