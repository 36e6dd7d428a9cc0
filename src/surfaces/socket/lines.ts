/**
 * Splits a byte stream into lines. A line longer than the bound ends the connection: nobody speaks this protocol in such lines. What a line announces may
 * come behind it as bytes of a known number.
 */
const lineFeed = 0x0a

export class LineSplitter {
  #parts: Buffer[] = []
  #sizeBytes = 0
  readonly #mostBytes: number
  readonly #take: (line: string) => void
  #behind: { readonly bytes: Buffer; filled: number; readonly take: (bytes: Buffer) => void } | undefined

  constructor(mostBytes: number, take: (line: string) => void) {
    this.#mostBytes = mostBytes
    this.#take = take
  }

  /** Feeds bytes; false when a line is over the bound. */
  push(bytes: Buffer): boolean {
    let from = 0
    while (from < bytes.length) {
      if (this.#behind !== undefined) {
        from += this.#fill(bytes.subarray(from))
        continue
      }
      const end = bytes.indexOf(lineFeed, from)
      if (end < 0) {
        this.#parts.push(bytes.subarray(from))
        this.#sizeBytes += bytes.length - from
        break
      }
      this.#finish(bytes.subarray(from, end))
      from = end + 1
    }
    return this.#sizeBytes <= this.#mostBytes
  }

  /** Called by who takes a line: the next `count` bytes are no lines. At most the bound, which the caller holds. */
  takeBytes(count: number, take: (bytes: Buffer) => void): void {
    this.#behind = { bytes: Buffer.allocUnsafeSlow(count), filled: 0, take }
  }

  /** Answers how much was taken. */
  #fill(bytes: Buffer): number {
    const behind = this.#behind
    if (behind === undefined) return 0
    const copied = bytes.copy(behind.bytes, behind.filled)
    behind.filled += copied
    if (behind.filled === behind.bytes.length) {
      this.#behind = undefined
      behind.take(behind.bytes)
    }
    return copied
  }

  #finish(rest: Buffer): void {
    const line = this.#parts.length === 0 ? rest : Buffer.concat([...this.#parts, rest])
    this.#parts = []
    this.#sizeBytes = 0
    if (line.length > 0) this.#take(line.toString("utf8"))
  }
}
