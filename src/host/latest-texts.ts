/** The latest texts by an id of the host's, so many and so long of each, in memory. */
const mostKept = 1_024
const longest = 32_768

export class LatestTexts {
  readonly #texts = new Map<string, string>()

  set(id: unknown, text: unknown): void {
    if (typeof id !== "string" || typeof text !== "string" || text === "") return
    this.#texts.delete(id)
    this.#texts.set(id, text.slice(0, longest))
    const [oldest] = this.#texts.keys()
    if (this.#texts.size > mostKept && oldest !== undefined) this.#texts.delete(oldest)
  }

  get(id: unknown): string | undefined {
    return typeof id === "string" ? this.#texts.get(id) : undefined
  }

  forget(id: unknown): void {
    if (typeof id === "string") this.#texts.delete(id)
  }
}
