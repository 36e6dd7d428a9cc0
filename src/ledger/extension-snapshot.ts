/** Extensions, and what holds draw from them, as JSON and back: their part of a snapshot. */
import { add, amountsJson, amountsOf, emptyTally, type Amounts, type AmountsJson, type Tally } from "./amounts.ts"
import type { Draw, Drawn, Extension } from "./extensions.ts"

export type DrawJson = Omit<Draw, "parts"> & { readonly parts: readonly PartJson[] }
type PartJson = { readonly of: string; readonly amounts: AmountsJson }

export type ExtensionJson = Omit<Extension, "amounts" | "drawn" | "session" | "run" | "grantedAtMs"> & {
  readonly amounts: AmountsJson
  readonly drawn: readonly { readonly of: string; readonly held: AmountsJson; readonly spent: AmountsJson }[]
  readonly session?: string
  readonly run?: string
  readonly grantedAtMs?: number
}

export function extensionJson({ amounts, drawn, session, run, grantedAtMs, ...rest }: Extension): ExtensionJson {
  return {
    ...rest,
    amounts: amountsJson(amounts),
    drawn: [...drawn].map(([of, { held, spent }]) => ({ of, held: tallyJson(held), spent: tallyJson(spent) })),
    ...(session === undefined ? {} : { session }),
    ...(run === undefined ? {} : { run }),
    ...(grantedAtMs === undefined ? {} : { grantedAtMs }),
  }
}

export function extensionOf(json: ExtensionJson): Extension {
  const drawn = new Map(json.drawn.map(({ of, held, spent }) => [of, { held: tallyOf(held), spent: tallyOf(spent) }]))
  return { ...json, amounts: amountsOf(json.amounts), drawn, session: json.session, run: json.run, grantedAtMs: json.grantedAtMs }
}

export function drawJson({ extension, run, parts }: Draw): DrawJson {
  return { extension, run, parts: parts.map(partJson) }
}

export function drawOf({ extension, run, parts }: DrawJson): Draw {
  return { extension, run, parts: parts.map(partOf) }
}

export function drawnJson({ extension, parts }: Drawn): Omit<DrawJson, "run"> {
  return { extension, parts: parts.map(partJson) }
}

export function drawnOf({ extension, parts }: Omit<DrawJson, "run">): Drawn {
  return { extension, parts: parts.map(partOf) }
}

function partJson({ of, amounts }: Draw["parts"][number]): PartJson {
  return { of, amounts: amountsJson(amounts) }
}

function partOf({ of, amounts }: PartJson): Draw["parts"][number] {
  return { of, amounts: amountsOf(amounts) }
}

/** Without the units of which there is nothing, which are most. */
export function tallyJson(tally: Tally): AmountsJson {
  return amountsJson(Object.fromEntries(Object.entries(tally).filter(([, amount]) => amount !== 0n)) as Amounts)
}

export function tallyOf(json: AmountsJson): Tally {
  const tally = emptyTally()
  add(tally, amountsOf(json))
  return tally
}
