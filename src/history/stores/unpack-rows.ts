/**
 * Unpacks rows of a store, tens of thousands of small zstd frames: Node makes a stream with its buffers for each of them, which takes longer than the
 * unpacking. The decoder of the library is of the same source, compiled to WebAssembly; where it does not give exactly what was promised, Node has the
 * last word.
 */
import type { ZSTDDecoder } from "zstddec"
import { unpacked } from "./archived-transcripts.ts"

let decoder: ZSTDDecoder | undefined

/** Called before rows are read; without it they are unpacked more slowly. */
export async function prepareUnpacking(): Promise<void> {
  const { ZSTDDecoder } = await import("zstddec")
  const made = new ZSTDDecoder()
  await withoutFetch(() => made.init())
  decoder = made
}

/** @throws errors of zstd */
export function unpackedRow(packed: Uint8Array, sizeBytes: number): Buffer {
  const bytes = sizeBytes >= 1 ? decoded(packed, sizeBytes) : undefined
  return bytes?.length === sizeBytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : unpacked(packed, sizeBytes)
}

function decoded(packed: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  try {
    return decoder?.decode(packed, sizeBytes)
  } catch {
    // A frame that is none may lead it out of its memory.
    return undefined
  }
}

/** The library takes its own code, which is a part of it, through `fetch` where there is one: in Node that loads an HTTP client first. */
function withoutFetch<T>(act: () => T): T {
  const own = Object.getOwnPropertyDescriptor(globalThis, "fetch")
  Object.defineProperty(globalThis, "fetch", { value: undefined, configurable: true })
  try {
    return act()
  } finally {
    if (own) Object.defineProperty(globalThis, "fetch", own)
  }
}
