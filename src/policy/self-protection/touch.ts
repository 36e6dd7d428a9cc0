/** What of the ledger's own an agent can reach for, and how. */

export const touchables = [
  "master key",
  "data directory",
  "head note",
  "host config",
  "plugin files",
  "gateway environment",
  "gateway process",
  "writer process",
] as const

export type Touchable = (typeof touchables)[number]

export type Access = "read" | "change"

export type Touch = { readonly what: Touchable; readonly access: Access }

/** The one that says most of a call that touches several things: a change before a reading, then in the order of the list. */
export function strongest(touches: readonly Touch[]): Touch | undefined {
  let best: Touch | undefined
  for (const touch of touches) if (best === undefined || rank(touch) < rank(best)) best = touch
  return best
}

function rank({ what, access }: Touch): number {
  return (access === "change" ? 0 : touchables.length) + touchables.indexOf(what)
}
