/** Each call of a host's stores once, with how often the host's own page of usage counts it: it adds up every transcript, those of forks among them. */
import type { UsageBatch, UsageRow } from "../../../history/usage/batch.ts"
import { rowsOf } from "../../../history/usage/rows-of.ts"
import type { HostUse } from "../../../views/host-usage.ts"

export type UsesOptions = { readonly fromMs: number; readonly toMs: number; readonly todayNanos: (row: UsageRow) => number }

type Found = { readonly row: UsageRow; readonly agent: string; readonly seenIn: Set<string>; unseen: HostUse["unseen"] }

export class HostUses {
  readonly #options: UsesOptions
  readonly #found = new Map<string, Found>()

  constructor(options: UsesOptions) {
    this.#options = options
  }

  add(batch: UsageBatch): void {
    const { agent, sessionId } = batch.place
    for (const row of rowsOf(batch)) {
      if (row.atMs < this.#options.fromMs || row.atMs >= this.#options.toMs) continue
      let found = this.#found.get(row.row)
      if (found === undefined) this.#found.set(row.row, (found = { row, agent, seenIn: new Set(), unseen: "copy" }))
      // A session counts once, whether its store has it, a file of its archive or both.
      if (row.unseen === "") found.seenIn.add(`${agent}\n${sessionId}`)
      else if (row.unseen !== "copy") found.unseen = row.unseen
    }
  }

  uses(): ReadonlyMap<string, HostUse> {
    return new Map([...this.#found].map(([name, found]) => [name, this.#use(found)]))
  }

  #use({ row, agent, seenIn, unseen }: Found): HostUse {
    const { input, output, cacheRead, cacheWrite, atMs, latencyMs = 0, provider, model, reportedNanos = 0 } = row
    return {
      agent,
      model: `${provider || "unknown"}/${model || "unknown"}`,
      writtenMs: atMs,
      begunMs: atMs - latencyMs,
      input,
      output,
      cacheRead,
      cacheWrite,
      recordedNanos: reportedNanos,
      todayNanos: reportedNanos > 0 ? 0 : this.#options.todayNanos(row),
      counted: seenIn.size,
      unseen,
    }
  }
}
