/** The entries of a sealed directory, one after the other as the stream brings them. Holds what it has of one entry's names, and nothing of its content. */
import { Parser, type ReadEntry } from "tar"
import { Fault, problemOf } from "../../base/fault.ts"

const blockBytes = 512
const mostNamesBytes = 2 ** 20

export type EntryReader = {
  /** What to do with an entry; the answer takes its content, piece by piece, and is told of its end. */
  readonly begin: (entry: ReadEntry) => { readonly take: (piece: Buffer) => void; readonly end: () => void }
}

/** @throws {Fault} `sealed.unsafe-archive` for what is no archive; what `begin` and its answers throw */
export async function readArchive(source: AsyncIterable<Uint8Array>, file: string, { begin }: EntryReader): Promise<void> {
  let failure: { readonly error: unknown } | undefined
  const guarded = (work: () => void): void => {
    if (failure) return
    try {
      work()
    } catch (error) {
      failure = { error }
    }
  }
  const broken = (error: unknown) => {
    failure ??= { error: new Fault("sealed.unsafe-archive", { file, problem: problemOf(error) }, error) }
  }
  const parser = new Parser({
    strict: true,
    maxMetaEntrySize: mostNamesBytes,
    onReadEntry: (entry) => {
      guarded(() => {
        const { take, end } = begin(entry)
        entry.on("data", (piece: Buffer) => guarded(() => take(piece)))
        entry.on("end", () => guarded(end))
      })
      if (failure) entry.resume()
    },
  })
  parser.on("error", broken)
  // An entry that is passed over would be missing without a word.
  parser.on("ignoredEntry", (entry: ReadEntry) => broken(new Error(`it has an entry of the kind ${entry.type}, or names that are too long`)))
  for await (const piece of withWholeNames(source)) {
    try {
      parser.write(piece)
    } catch (error) {
      broken(error)
    }
    if (failure) throw failure.error
  }
  const ended = new Promise<void>((resolve) => parser.once("end", resolve).once("error", () => resolve()))
  parser.end()
  await ended
  if (failure) throw failure.error
}

/**
 * The same bytes, in pieces that never divide the names of an entry: the package reads each piece of them as text, and a character that stands in two pieces
 * would be lost.
 */
async function* withWholeNames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  /** Bytes of content that are still to come before the next header. */
  let content = 0
  for await (const piece of source) {
    held = held.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([held, piece])
    let whole = 0
    for (;;) {
      const skipped = Math.min(content, held.length - whole)
      whole += skipped
      content -= skipped
      if (content > 0 || held.length - whole < blockBytes) break
      const sizeBytes = Math.ceil(sizeIn(held.subarray(whole + 124, whole + 136)) / blockBytes) * blockBytes
      const isName = "xgLK".includes(String.fromCharCode(held[whole + 156] ?? 0)) && sizeBytes <= mostNamesBytes + blockBytes
      if (isName && held.length - whole < blockBytes + sizeBytes) break
      whole += blockBytes
      if (isName) whole += sizeBytes
      else content = sizeBytes
    }
    if (whole > 0) yield held.subarray(0, whole)
    held = held.subarray(whole)
  }
  if (held.length > 0) yield held
}

/** Octal digits, or a binary number behind a byte of 0x80. */
function sizeIn(field: Buffer): number {
  if (field[0] === 0x80) return Number(field.readBigUInt64BE(4))
  return Number.parseInt(field.toString("latin1").replace(/[\0 ].*$/s, "") || "0", 8) || 0
}
