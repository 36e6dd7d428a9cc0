/** The armor of age files: strict PEM, as a stream. */
import { Fault } from "../base/fault.ts"

export const armorStart = "-----BEGIN AGE ENCRYPTED FILE-----"
const armorEnd = "-----END AGE ENCRYPTED FILE-----"
const lineLength = 64
/** White space that may stand before an armor. */
const mostSpace = 1_024

/**
 * The bytes in an armor: lines of 64 characters, the last one perhaps shorter. What has no armor passes as it is.
 * @throws {Fault} `sealed.changed`, `sealed.cut`
 */
export async function* dearmored(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]()
  let start: Buffer = Buffer.alloc(0)
  let next = await pieces.next()
  for (; !next.done; next = await pieces.next()) {
    start = Buffer.concat([start, next.value])
    if (start.toString("latin1").trimStart().length > armorStart.length + 1 || start.length > mostSpace) break
  }
  const armor = start.toString("latin1").trimStart()
  if (!armor.startsWith(armorStart)) {
    yield start
    if (!next.done) yield* rest(pieces)
    return
  }
  const lines = new ArmorLines(file)
  yield lines.take(Buffer.from(armor, "latin1"))
  if (!next.done) for await (const piece of rest(pieces)) yield lines.take(piece)
  lines.finish()
}

async function* rest(pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value
}

class ArmorLines {
  readonly #file: string
  #held = ""
  #expects: "begin" | "line" | "end" | "nothing" = "begin"

  constructor(file: string) {
    this.#file = file
  }

  /** What the lines hold that are whole by now. */
  take(piece: Uint8Array): Buffer {
    const lines = (this.#held + Buffer.from(piece).toString("latin1")).split("\n")
    this.#held = lines.pop() ?? ""
    const decoded = lines.flatMap((line) => this.#line(line.replace(/\r$/, "")) ?? [])
    if (this.#held.length > mostSpace) throw this.#bent("a line of its armor does not end")
    return Buffer.concat(decoded)
  }

  finish(): void {
    if (this.#held !== "") this.#line(this.#held.replace(/\r$/, ""))
    if (this.#expects !== "nothing") throw new Fault("sealed.cut", { file: this.#file, problem: "its armor does not end" })
  }

  #line(line: string): Buffer | undefined {
    if (this.#expects === "nothing") {
      if (line.trim() !== "") throw this.#bent("something follows its armor")
    } else if (this.#expects === "begin") {
      if (line.trimEnd() !== armorStart) throw this.#bent("its armor does not begin with a line of its own")
      this.#expects = "line"
    } else if (line.trimEnd() === armorEnd) this.#expects = "nothing"
    else {
      const bytes = Buffer.from(line, "base64")
      const isWhole = line !== "" && line.length <= lineLength && bytes.toString("base64") === line
      if (this.#expects === "end" || !isWhole) throw this.#bent("a line of its armor is not what age writes")
      if (line.length < lineLength || line.endsWith("=")) this.#expects = "end"
      return bytes
    }
    return undefined
  }

  #bent(problem: string): Fault {
    return new Fault("sealed.changed", { file: this.#file, problem })
  }
}
