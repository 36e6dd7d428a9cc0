/** Seals a file, a directory or standard input into one new file, or onto a stream. */
import { createHash, type Hash } from "node:crypto"
import { rmSync } from "node:fs"
import { dirname } from "node:path"
import { Fault } from "../../base/fault.ts"
import { sealAge } from "../../vault/age-file.ts"
import { mostFernetBytes, sealFernet, unsealFernet } from "../../vault/fernet.ts"
import { EncryptedFile } from "../../vault/sealed-file/encrypted-file.ts"
import type { SealAs } from "./keys.ts"
import { makeWhole, writeStream } from "./new-output.ts"
import { liesIn, plainSource, readFile, standardInput, type PlainSource } from "./plain-source.ts"
import { spoolPath } from "./spool.ts"

export type Progress = (done: number, total: number) => void

export type SealRequest = {
  /** "-" is standard input. */
  readonly path: string
  readonly as: SealAs
  /** The sealed file, or what takes its bytes. */
  readonly to: string | ((bytes: Uint8Array) => Promise<void>)
  readonly remove: boolean
  readonly nowMs: number
  readonly progress: Progress
  readonly skipped: (path: string) => void
}

export type Sealed = { readonly isDirectory: boolean; readonly bytes: number; readonly left: readonly string[] }

/**
 * The plain files are removed, where that is asked for, once the sealed one was flushed, read again and found to hold them.
 * @throws {Fault} what keeps it from being sealed; nothing is left of it then, and nothing was removed
 */
export async function seal({ path, as, to, remove, nowMs, progress, skipped }: SealRequest): Promise<Sealed> {
  const source = path === "-" ? standardInput() : plainSource(path, { skipped, forRemoval: remove })
  const counted = new CountedSource(source, progress)
  if (typeof to !== "string") {
    for await (const piece of streamOf(counted.bytes(), path, as, nowMs)) await to(piece)
    return { isDirectory: source.isDirectory, bytes: counted.count, left: [] }
  }
  if (source.isDirectory && liesIn(path, dirname(to))) {
    throw new Fault("sealed.not-sealable", { file: path, problem: "the sealed file would lie in it; name another place with --output" })
  }
  await makeWhole(to, async (beside) => {
    const written = createHash("sha256")
    await write(beside, path, counted.bytes(), as, { nowMs, written })
    if (remove && !(await holds(beside, as, counted.hash, written)))
      throw new Fault("sealed.write-failed", { file: to, problem: "what is on the disk is not what was written" })
  })
  return { isDirectory: source.isDirectory, bytes: counted.count, left: remove ? source.remove() : [] }
}

/** Content on its way: how much there was, and its hash. */
class CountedSource {
  readonly hash = createHash("sha256")
  readonly #source: PlainSource
  readonly #progress: Progress
  count = 0

  constructor(source: PlainSource, progress: Progress) {
    this.#source = source
    this.#progress = progress
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#source.bytes()) {
      this.count += piece.length
      this.hash.update(piece)
      if (this.#source.sizeBytes !== undefined) this.#progress(this.count, this.#source.sizeBytes)
      yield piece
    }
  }
}

type Writing = { readonly nowMs: number; readonly written: Hash }

async function write(beside: string, path: string, plain: AsyncIterable<Uint8Array>, as: SealAs, { nowMs, written }: Writing): Promise<void> {
  if (as.format === "sealed") {
    const file = EncryptedFile.create(beside, as.key)
    try {
      await file.appendAll(plain)
    } catch (error) {
      file.abandon()
      throw error
    }
    file.close()
    return
  }
  await writeStream(beside, hashed(streamOf(plain, path, as, nowMs), written))
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    hash.update(piece)
    yield piece
  }
}

/** The sealed bytes in order. A file of ours is made before its first byte is known, so it is written aside, sealed, and read from there. */
async function* streamOf(plain: AsyncIterable<Uint8Array>, path: string, as: SealAs, nowMs: number): AsyncGenerator<Uint8Array> {
  if (as.format === "age") yield* sealAge(plain, as.to)
  else if (as.format === "fernet") {
    yield sealFernet(as.key, await bounded(plain, path), { nowS: nowMs / 1_000, file: path })
    yield Buffer.from("\n")
  } else {
    const spool = spoolPath()
    try {
      await write(spool, path, plain, as, { nowMs, written: createHash("sha256") })
      yield* readFile(spool)
    } finally {
      rmSync(spool, { force: true })
    }
  }
}

async function bounded(plain: AsyncIterable<Uint8Array>, file: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of plain) {
    bytes += piece.length
    if (bytes > mostFernetBytes) throw new Fault("sealed.too-large", { file, mostBytes: mostFernetBytes })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Whether a sealed file, read again, holds what was sealed. What age sealed for others cannot be opened here: there its own bytes are compared. */
async function holds(beside: string, as: SealAs, plain: Hash, written: Hash): Promise<boolean> {
  const found = createHash("sha256")
  if (as.format === "age") {
    for await (const piece of readFile(beside)) found.update(piece)
    return found.digest().equals(written.digest())
  }
  if (as.format === "fernet") {
    const pieces: Buffer[] = []
    for await (const piece of readFile(beside)) pieces.push(piece)
    found.update(unsealFernet(as.key, Buffer.concat(pieces), beside, { nowS: 0 }))
  } else {
    const { key } = as
    const file = EncryptedFile.open(beside, {
      ledger: () => ("ledger" in key ? key.ledger : undefined),
      passphrase: () => ("passphrase" in key ? key.passphrase : undefined),
    })
    try {
      for await (const piece of file.chunks()) found.update(piece)
    } finally {
      file.close()
    }
  }
  return found.digest().equals(plain.digest())
}
