/**
 * What the host says of its providers' plans: the answer of its method `usage.status`, which it asks them for (https://docs.openclaw.ai/concepts/usage-tracking). Of it the provider, its
 * name for people, the plan, and the windows with how far they are used; the account's address, balances and costs are left where they are.
 */
import { countOf, numberOf, objectOf, stringOf } from "../../base/json.ts"
import type { MapContext } from "../hook-row.ts"
import { hookRow } from "../reading.ts"
import { name } from "../references.ts"

const [mostProviders, mostWindows, mostMillipercent] = [32, 16, 1_000_000]
/** Words such as `Max (20x)`, `Plus ($0.00)` or `Week`: nothing that could be an address. */
const shortWords = /^[\p{L}\p{N}$(][\p{L}\p{N} ._$%()+/:·,-]{0,63}$/u

export const quota = hookRow({
  hook: "quota",
  source: "own",
  pick: (answer) => ({
    sampledAtMs: answer["updatedAt"],
    providers: listOf(answer["providers"], mostProviders).flatMap((told) => {
      const { provider, displayName, plan, windows, error } = objectOf(told)
      // What could not be asked is no sample.
      if (stringOf(provider) === undefined || error !== undefined) return []
      const used = listOf(windows, mostWindows).map((window) => {
        const { label, usedPercent, resetAt } = objectOf(window)
        return { label, usedPercent, resetAt }
      })
      return [{ provider, displayName, plan, windows: used }]
    }),
  }),
  map: (reading) => {
    const sampledAtMs = countOf(reading.picked["sampledAtMs"]) ?? reading.call.atMs
    return listOf(reading.picked["providers"], mostProviders).flatMap((told) => {
      const { provider, displayName, plan, windows } = objectOf(told)
      const text = stringOf(provider)
      if (text === undefined) return []
      const named = name(text, reading.context)
      const used = listOf(windows, mostWindows).flatMap((window) => windowOf(window, reading.context))
      return reading.event({
        type: "quota.sampled",
        key: [named, sampledAtMs],
        facts: { provider: named, displayName: shown(displayName, reading.context), plan: shown(plan, reading.context), sampledAtMs, windows: used },
      })
    })
  },
})

type Window = { readonly label: string; readonly usedMillipercent: number; readonly resetsAtMs?: number }

function windowOf(told: unknown, context: MapContext): readonly Window[] {
  const { label, usedPercent, resetAt } = objectOf(told)
  const [shownLabel, used, resetsAtMs] = [shown(label, context), numberOf(usedPercent), countOf(resetAt)]
  if (shownLabel === undefined || used === undefined || !(used >= 0)) return []
  const usedMillipercent = Math.min(mostMillipercent, Math.round(used * 1_000))
  return [{ label: shownLabel, usedMillipercent, ...(resetsAtMs === undefined ? {} : { resetsAtMs }) }]
}

function shown(value: unknown, context: MapContext): string | undefined {
  const text = stringOf(value)
  return text === undefined || shortWords.test(text) ? text : context.pseudonym(text)
}

function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]).slice(0, most) : []
}
