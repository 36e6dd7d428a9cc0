/**
 * Contents sealed anew on another processor: a thread reads and reseals the chunks that the copy of a journal comes to next, a bounded number ahead, and who
 * copies writes them. Both sides block where they wait, so that a piece of the copy stays one transaction. Nothing depends on the thread: what it does not
 * hand over the copy makes itself.
 */
import { MessageChannel, receiveMessageOnPort, type MessagePort } from "node:worker_threads"
import type { SuppliedChunk } from "./journal/copy-journal.ts"
import type { ResealSupply } from "./operations/rekey/rekey.ts"
import { Resealing, type ResealedChunks, type ResealFiles } from "./operations/rekey/reseal-chunks.ts"

export type ResealOrder = ResealFiles & { readonly port: MessagePort; readonly counts: Int32Array }

/** Chunks of one message: some hundred kilobytes of what comes live, a few megabytes of what was imported. */
const chunksABatch = 32
const batchesAhead = 24
/** A thread that hands nothing over for so long is given up. */
const patienceMs = 60_000
const [handedOver, taken] = [0, 1] as const

type Range = { readonly from: number; readonly to: number }
type Batch = ResealedChunks & { readonly isLast: boolean }

/** The side that copies. */
export class ChunksBeside implements ResealSupply {
  readonly #port: MessagePort
  readonly #counts: Int32Array
  #isOver = true
  #isGone = false

  readonly #end: () => Promise<void>

  constructor(port: MessagePort, counts: Int32Array, end: () => Promise<void>) {
    this.#port = port
    this.#counts = counts
    this.#end = end
  }

  /** @param start begins the thread; answers what ends it. */
  static begin(files: ResealFiles, start: (order: ResealOrder) => () => Promise<void>): ChunksBeside {
    const { port1, port2 } = new MessageChannel()
    const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
    return new ChunksBeside(port1, counts, start({ ...files, port: port2, counts }))
  }

  ask(range: Range): void {
    if (this.#isGone) return
    this.#isOver = range.from >= range.to
    if (!this.#isOver) this.#port.postMessage(range)
  }

  take(mayWait: boolean): readonly SuppliedChunk[] | undefined {
    if (this.#isOver || this.#isGone) return undefined
    const before = Atomics.load(this.#counts, taken)
    if (Atomics.load(this.#counts, handedOver) === before) {
      if (!mayWait) return undefined
      if (Atomics.wait(this.#counts, handedOver, before, patienceMs) === "timed-out") return this.#giveUp()
    }
    const found = receiveMessageOnPort(this.#port) as { message: Batch | undefined } | undefined
    if (!found?.message) return this.#giveUp()
    Atomics.add(this.#counts, taken, 1)
    Atomics.notify(this.#counts, taken)
    this.#isOver = found.message.isLast
    return chunksOf(found.message)
  }

  async close(): Promise<void> {
    this.#isGone = true
    this.#port.close()
    await this.#end()
  }

  #giveUp(): undefined {
    this.#isGone = true
    return undefined
  }
}

function chunksOf({ bytes, chunks }: Batch): readonly SuppliedChunk[] {
  let at = 0
  return chunks.map(({ number, scopeId, size, isResealed }) => {
    const sealed = Buffer.from(bytes.buffer, bytes.byteOffset + at, size)
    at += size
    return { number, scopeId: Buffer.from(scopeId), sealed, isResealed }
  })
}

/** What the thread runs. Whatever goes wrong ends it, which who copies is told of by an empty message. */
export function resealInThread(order: ResealOrder): void {
  const { port, counts } = order
  const handOver = (batch: Batch | undefined): void => {
    const ahead = Atomics.load(counts, handedOver) - batchesAhead
    while (Atomics.load(counts, taken) <= ahead) Atomics.wait(counts, taken, ahead)
    port.postMessage(batch, batch ? [batch.bytes.buffer] : [])
    Atomics.add(counts, handedOver, 1)
    Atomics.notify(counts, handedOver)
  }
  try {
    const reseal = new Resealing(order)
    port.on("message", (range: Range) => {
      try {
        for (let at = range.from; at < range.to; at += chunksABatch) {
          const to = Math.min(range.to, at + chunksABatch)
          handOver({ ...reseal.read(at, to), isLast: to === range.to })
        }
      } catch {
        handOver(undefined)
        port.close()
      }
    })
  } catch {
    handOver(undefined)
  }
}
