/** How much of what readers made is on its way to the disk: threads that are ahead of it wait, so that a large history needs no large memory. */

const mostBytes = 32 * 2 ** 20
const waitMs = 200

/** Counted to the byte: what leaves in many pieces is settled in few, and whatever rounding left would in the end be waited for. */
export class Flow {
  readonly #bytes: Int32Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#bytes = new Int32Array(shared)
  }

  get shared(): SharedArrayBuffer {
    return this.#bytes.buffer as SharedArrayBuffer
  }

  /** Of a thread: that much was sent. Returns when there is room for more. */
  sent(bytes: number): void {
    Atomics.add(this.#bytes, 0, bytes)
    for (let now = Atomics.load(this.#bytes, 0); now > mostBytes; now = Atomics.load(this.#bytes, 0)) {
      Atomics.wait(this.#bytes, 0, now, waitMs)
    }
  }

  /** That much is on its way, and nobody waits. */
  began(bytes: number): void {
    Atomics.add(this.#bytes, 0, bytes)
  }

  /** That much of it is done with. */
  settled(bytes: number): void {
    Atomics.sub(this.#bytes, 0, bytes)
    Atomics.notify(this.#bytes, 0)
  }
}
