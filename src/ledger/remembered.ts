/**
 * What is closed, by id, the oldest first: at least the latest 16,384, so that a repeated command gets the same answer.
 * What a snapshot brought stays the text it is until somebody asks for it: a start knows its ids and reads none of it.
 */

export const remembered = 16_384
/** Ids are forgotten together: a map looks for its oldest among all that were deleted before. */
export const forgottenAtOnce = 1_024

class Unread<V> {
  readonly json: string
  readonly read: (json: unknown) => V

  constructor(json: string, read: (json: unknown) => V) {
    this.json = json
    this.read = read
  }

  get value(): V {
    return this.read(JSON.parse(this.json))
  }
}

export class Remembered<V> {
  readonly #values = new Map<string, V | Unread<V>>()

  get size(): number {
    return this.#values.size
  }

  has(id: string): boolean {
    return this.#values.has(id)
  }

  get(id: string): V | undefined {
    const found = this.#values.get(id)
    if (!(found instanceof Unread)) return found
    const value = found.value
    this.#values.set(id, value) // keeps its place
    return value
  }

  /** Stands last; the oldest are forgotten. The same events leave the same ones, whether they are replayed from the first or from a snapshot. */
  remember(id: string, value: V): void {
    this.#values.delete(id)
    this.#values.set(id, value)
    if (this.#values.size < remembered + forgottenAtOnce) return
    let surplus = this.#values.size - remembered
    for (const oldest of this.#values.keys()) {
      if (surplus-- === 0) break
      this.#values.delete(oldest)
    }
  }

  /** One of a snapshot, as its JSON. */
  rememberUnread(id: string, json: string, read: (json: unknown) => V): void {
    this.#values.set(id, new Unread(json, read))
  }

  /** Every one whose JSON may contain the words: what was read is given in any case. */
  *mentioning(words: string): Generator<readonly [id: string, value: V]> {
    for (const [id, kept] of this.#values) {
      if (!(kept instanceof Unread)) yield [id, kept]
      else if (kept.json.includes(words)) yield [id, kept.value]
    }
  }

  /** Every one as JSON, the oldest first. */
  *texts(jsonOf: (value: V) => unknown): Generator<readonly [id: string, json: string]> {
    for (const [id, kept] of this.#values) yield [id, kept instanceof Unread ? kept.json : JSON.stringify(jsonOf(kept))]
  }
}
