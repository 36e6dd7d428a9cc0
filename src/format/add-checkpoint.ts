/**
 * The question a log puts to a witness, as https://c2sp.org/tlog-witness defines it: the body of `POST <prefix>/add-checkpoint`.
 *
 *   old 1200                          size of the checkpoint that this witness cosigned last, 0 for none
 *   PlRN…=                            consistency proof from that size on, at most 63 lines of base64
 *                                     (empty line)
 *   sovereign-ledger/5f0c…            the signed checkpoint
 *   …
 *
 * Bodies come from anybody: a witness gets `undefined` for everything that is not exactly this, and nothing throws.
 */
import { parseHash, parseSignedCheckpoint, parseSize, type SignedCheckpoint } from "./checkpoint.ts"

export const addCheckpointPath = "add-checkpoint"
export const mostProofLines = 63
/** More than any log needs (16 have to be accepted), few enough to be checked while others wait. */
const mostSignatures = 64
/** The type of an answer 409 that tells the size which the witness cosigned last. */
export const sizeContentType = "text/x.tlog.size"

export type OfferedCheckpoint = {
  readonly oldSize: number
  readonly proof: readonly Buffer[]
  readonly checkpoint: SignedCheckpoint
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export function addCheckpointText(oldSize: number, proof: readonly Uint8Array[], note: string): string {
  return `old ${oldSize}\n${proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("")}\n${note}`
}

export function parseAddCheckpoint(body: Uint8Array): OfferedCheckpoint | undefined {
  const text = decoded(body)
  const end = text?.indexOf("\n\n") ?? -1
  if (text === undefined || end < 0 || hasControls(text)) return undefined
  const [oldLine = "", ...lines] = text.slice(0, end).split("\n")
  const oldSize = oldLine.startsWith("old ") ? parseSize(oldLine.slice(4)) : undefined
  const proof = lines.length > mostProofLines ? [undefined] : lines.map(parseHash)
  const checkpoint = parseSignedCheckpoint(text.slice(end + 2), { extensionLines: true })
  if (oldSize === undefined || !checkpoint || checkpoint.signatures.length > mostSignatures || !proof.every((hash) => hash !== undefined)) return undefined
  return { oldSize, proof, checkpoint }
}

/** The size a witness tells with an answer 409; undefined when it tells none. */
export function toldSize(contentType: string | undefined, body: string): number | undefined {
  return contentType === sizeContentType && body.endsWith("\n") ? parseSize(body.slice(0, -1)) : undefined
}

export function toldSizeText(size: number): string {
  return `${size}\n`
}

function decoded(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body)
  } catch {
    // Not UTF-8, so no note.
    return undefined
  }
}

/** A signed note has no control characters but line feeds. */
function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}
