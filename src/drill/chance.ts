/** Chance with a seed: the same crimes at the same places on every run that is given the same number. */
export type Chance = {
  /** A whole number from 0 to `count - 1`. */
  readonly below: (count: number) => number
  readonly bytes: (count: number) => Buffer
  readonly pick: <T>(items: readonly T[]) => T
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  const bytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, () => below(256)))
  return { below, bytes, pick: <T>(items: readonly T[]) => items[below(items.length)] as T }
}
