/** Splits a byte stream into lines. A line longer than the bound ends the connection: nobody speaks this protocol in such lines. */
const lineFeed = 0x0a

export class LineSplitter {
  #parts: Buffer[] = []
  #sizeBytes = 0
  readonly #mostBytes: number
  readonly #take: (line: string) => void

  constructor(mostBytes: number, take: (line: string) => void) {
    this.#mostBytes = mostBytes
    this.#take = take
  }

  /** Feeds bytes; false when a line is over the bound. */
  push(bytes: Buffer): boolean {
    let from = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      this.#finish(bytes.subarray(from, end))
      from = end + 1
    }
    if (from < bytes.length) {
      this.#parts.push(bytes.subarray(from))
      this.#sizeBytes += bytes.length - from
    }
    return this.#sizeBytes <= this.#mostBytes
  }

  #finish(rest: Buffer): void {
    const line = this.#parts.length === 0 ? rest : Buffer.concat([...this.#parts, rest])
    this.#parts = []
    this.#sizeBytes = 0
    if (line.length > 0) this.#take(line.toString("utf8"))
  }
}
