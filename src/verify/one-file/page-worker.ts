/** Beside the page, so that it stays awake: files are read and checked here, one after the other. */
import { problemOf } from "../../base/fault.ts"
import { wholeOf, type ByteSource } from "../byte-source.ts"
import type { Finding } from "../evidence/evidence.ts"
import { joinPins, noPins, parsePins } from "../evidence/pins.ts"
import { unreadable } from "../evidence/unknown.ts"
import type { PageFile, WorkerScope } from "./browser.ts"
import { examineSettled } from "./examine-settled.ts"

/** One file, and the texts of all keys that are pinned. */
export type Order = { readonly id: number; readonly file: PageFile; readonly pins: readonly string[] }
export type Answer = { readonly id: number; readonly entries: number } | { readonly id: number; readonly finding: Finding; readonly sha256: string | null }

/** Larger files are read piece by piece, and their hash is not told. */
const mostHashedBytes = 1 << 28

export function serve(scope: WorkerScope): void {
  let before: Promise<void> = Promise.resolve()
  scope.addEventListener("message", ({ data }) => {
    before = before.then(() => examined(scope, data as Order)).then((answer) => scope.postMessage(answer))
  })
}

async function examined(scope: WorkerScope, { id, file, pins }: Order): Promise<Answer> {
  try {
    const source = sourceOf(scope, file)
    const onProgress = (entries: number) => scope.postMessage({ id, entries } satisfies Answer)
    const parsed = pins.map((text) => parsePins(text)).map((one) => ("problem" in one ? noPins : one))
    const finding = await examineSettled(source, joinPins(parsed), onProgress)
    return { id, finding, sha256: await hashOf(source) }
  } catch (error) {
    return { id, finding: unreadable(problemOf(error)), sha256: null }
  }
}

function sourceOf({ FileReaderSync }: WorkerScope, file: PageFile): ByteSource {
  const read = (from: number, to: number) => new Uint8Array(new FileReaderSync().readAsArrayBuffer(file.slice(from, to)))
  const open = () => {
    let from = 0
    return {
      next: (room: Buffer, at: number) => {
        const part = read(from, Math.min(file.size, from + room.length - at))
        room.set(part, at)
        from += part.length
        return part.length
      },
      last: (mostBytes: number) => Buffer.from(read(Math.max(0, file.size - mostBytes), file.size)),
      close: () => {},
    }
  }
  return { name: file.name, open }
}

async function hashOf(source: ByteSource): Promise<string | null> {
  const bytes = wholeOf(source, mostHashedBytes)
  return bytes ? Buffer.from(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)))).toString("hex") : null
}
