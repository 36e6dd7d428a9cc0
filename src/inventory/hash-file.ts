/** The SHA-256 of a file, read in pieces however large it is, with its text where it is a small one. */
import { createHash } from "node:crypto"
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { stampOf } from "./walk.ts"

export type HashedFile = {
  /** Hex. */
  readonly sha256: string
  readonly sizeBytes: number
  /** Of what was hashed. */
  readonly stamp: string
  /** Undefined of what is large, or no text. */
  readonly text: string | undefined
  /** Somebody wrote to it meanwhile: what was hashed may never have stood in it. */
  readonly isTorn: boolean
}

const pieceBytes = 256 * 1024
const mostTextBytes = 256 * 1024

/** Undefined where it is gone, or is no regular file. @throws errors of the file system */
export function hashFile(path: string): HashedFile | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined
    throw error
  }
  try {
    const before = fstatSync(descriptor, { bigint: true })
    if (!before.isFile()) return undefined
    const hash = createHash("sha256")
    const piece = Buffer.allocUnsafe(pieceBytes)
    let [sizeBytes, first]: [number, Buffer | undefined] = [0, undefined]
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) {
      if (sizeBytes === 0) first = Buffer.from(piece.subarray(0, read))
      hash.update(piece.subarray(0, read))
      sizeBytes += read
    }
    const after = stampOf(fstatSync(descriptor, { bigint: true }))
    const isText = first === undefined || (sizeBytes === first.length && sizeBytes <= mostTextBytes && !first.includes(0))
    return {
      ...{ sha256: hash.digest("hex"), sizeBytes, stamp: after, isTorn: after !== stampOf(before) },
      text: isText ? (first?.toString("utf8") ?? "") : undefined,
    }
  } finally {
    closeSync(descriptor)
  }
}

export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
