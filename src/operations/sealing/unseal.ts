/** Opens a sealed file of any of three formats, told apart by how they begin, into a new file or directory, or onto a stream. */
import { mkdirSync, rmSync } from "node:fs"
import { Fault } from "../../base/fault.ts"
import { isAge, unsealAge } from "../../vault/age-file.ts"
import { directoryMark } from "../../vault/archive/pack-directory.ts"
import { unpackDirectory } from "../../vault/archive/unpack-directory.ts"
import { fernetStart, mostFernetBytes, mostTokenBytes, unsealFernet } from "../../vault/fernet.ts"
import { EncryptedFile } from "../../vault/sealed-file/encrypted-file.ts"
import { magic } from "../../vault/sealed-file/layout.ts"
import { writeFault } from "../../vault/sealed-file/raw-file.ts"
import type { UnsealKeys } from "./keys.ts"
import { makeWhole, writeStream } from "./new-output.ts"
import { readFile, standardInput } from "./plain-source.ts"
import type { Progress } from "./seal.ts"
import { spoolPath } from "./spool.ts"

/** Enough to tell the formats apart, also with white space before an armor. */
const startBytes = 1_100

export type UnsealRequest = {
  /** "-" is standard input. */
  readonly file: string
  readonly keys: UnsealKeys
  readonly to: string | ((bytes: Uint8Array) => Promise<void>)
  /** Seconds that a Fernet token may be old; undefined is any age. */
  readonly ttlS: number | undefined
  readonly nowMs: number
  readonly progress: Progress
}

export type Format = "sealed" | "age" | "fernet"
export type Unsealed = { readonly format: Format; readonly isDirectory: boolean; readonly bytes: number }

/** @throws {Fault} what keeps it from being opened; nothing of it was written then, but to a stream */
export async function unseal(request: UnsealRequest): Promise<Unsealed> {
  const pieces = peeked(request.file === "-" ? standardInput().bytes() : watched(request.file, request.progress), startBytes)
  try {
    const { value: start = Buffer.alloc(0) } = await pieces.next()
    return await unsealed(request, start as Buffer, pieces)
  } finally {
    await pieces.return(undefined)
  }
}

/** The bytes of a file, with the progress of reading it. Of one of ours only its beginning is read in this way. */
async function* watched(file: string, progress: Progress): AsyncGenerator<Buffer> {
  let [done, total] = [0, 0]
  for await (const piece of readFile(file, ({ size }) => (total = size))) {
    progress((done += piece.length), total)
    yield piece
  }
}

async function unsealed(request: UnsealRequest, start: Buffer, pieces: AsyncIterable<Buffer>): Promise<Unsealed> {
  const { file, to } = request
  const format = formatOf(start, file)
  const { first, rest } = await split(plainOf(format, joined(start, pieces), request), directoryMark.length)
  const isDirectory = first.equals(directoryMark)
  let bytes = 0
  const counted = async function* () {
    for await (const piece of joined(first, rest)) {
      bytes += piece.length
      yield piece
    }
  }
  if (typeof to !== "string") for await (const piece of counted()) await to(piece)
  else if (isDirectory) await makeWhole(to, (beside) => unpackInto(beside, counted(), file))
  else await makeWhole(to, (beside) => writeStream(beside, counted()))
  return { format, isDirectory, bytes }
}

async function unpackInto(beside: string, archive: AsyncIterable<Uint8Array>, file: string): Promise<void> {
  try {
    mkdirSync(beside, { mode: 0o700 })
  } catch (error) {
    throw writeFault(beside, error)
  }
  await unpackDirectory(archive, beside, file)
}

function formatOf(start: Buffer, file: string): Format {
  if (start.subarray(0, magic.length).equals(magic)) return "sealed"
  if (isAge(start)) return "age"
  if (start.toString("latin1").startsWith(fernetStart)) return "fernet"
  throw new Fault("sealed.not-sealed", { file })
}

async function* plainOf(format: Format, sealed: AsyncIterable<Uint8Array>, { file, keys, ttlS, nowMs, progress }: UnsealRequest): AsyncGenerator<Uint8Array> {
  if (format === "age") {
    if (keys.age.identities.length === 0 && keys.age.passphrase === undefined) {
      throw new Fault("sealed.no-key", { file, needed: "an identity of age or a passphrase", flag: "--identity-file FILE or --passphrase-file FILE" })
    }
    yield* unsealAge(sealed, keys.age, file)
  } else if (format === "fernet") {
    if (!keys.fernet) throw new Fault("sealed.no-key", { file, needed: "a Fernet key", flag: "--fernet-key-file FILE" })
    yield unsealFernet(keys.fernet, await token(sealed, file), file, { nowS: nowMs / 1_000, ttlS })
  } else if (file === "-") {
    const spool = spoolPath()
    try {
      await writeStream(spool, sealed)
      yield* chunksOf(spool, keys, progress)
    } finally {
      rmSync(spool, { force: true })
    }
  } else yield* chunksOf(file, keys, progress)
}

async function* chunksOf(path: string, keys: UnsealKeys, progress: Progress): AsyncGenerator<Uint8Array> {
  const opened = EncryptedFile.open(path, { ledger: keys.ledger, passphrase: () => keys.passphrase })
  try {
    let done = 0
    for await (const chunk of opened.chunks()) {
      progress((done += chunk.length), opened.sizeBytes)
      yield chunk
    }
  } finally {
    opened.close()
  }
}

async function token(sealed: AsyncIterable<Uint8Array>, file: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of sealed) {
    bytes += piece.length
    if (bytes > mostTokenBytes) throw new Fault("sealed.too-large", { file, mostBytes: mostFernetBytes })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** The same bytes; the first piece has at least so many of them, if there are. */
async function* peeked(source: AsyncIterable<Uint8Array>, leastBytes: number): AsyncGenerator<Buffer> {
  let held: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of source) {
    if (!held) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    else {
      held = Buffer.concat([held, piece])
      if (held.length < leastBytes) continue
      yield held
      held = undefined
    }
  }
  if (held) yield held
}

async function split(source: AsyncIterable<Uint8Array>, lengthBytes: number): Promise<{ readonly first: Buffer; readonly rest: AsyncGenerator<Buffer> }> {
  const pieces = peeked(source, lengthBytes)
  const { value = Buffer.alloc(0) } = await pieces.next()
  const first = value as Buffer
  return { first: first.subarray(0, lengthBytes), rest: joined(first.subarray(lengthBytes), pieces) }
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield Buffer.from(first.buffer, first.byteOffset, first.length)
  for await (const piece of rest) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length)
}
