/** How much of what readers made is on its way to the disk: threads that are ahead of it wait, so that a large history needs no large memory. */

const mostKb = 32 * 1024
const waitMs = 200

export class Flow {
  readonly #kb: Int32Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#kb = new Int32Array(shared)
  }

  get shared(): SharedArrayBuffer {
    return this.#kb.buffer as SharedArrayBuffer
  }

  /** Of a thread: that much was sent. Returns when there is room for more. */
  sent(bytes: number): void {
    Atomics.add(this.#kb, 0, kbOf(bytes))
    for (let now = Atomics.load(this.#kb, 0); now > mostKb; now = Atomics.load(this.#kb, 0)) Atomics.wait(this.#kb, 0, now, waitMs)
  }

  /** That much is on its way, and nobody waits. */
  began(bytes: number): void {
    Atomics.add(this.#kb, 0, kbOf(bytes))
  }

  /** That much of it is done with. */
  settled(bytes: number): void {
    Atomics.sub(this.#kb, 0, kbOf(bytes))
    Atomics.notify(this.#kb, 0)
  }
}

function kbOf(bytes: number): number {
  return Math.ceil(bytes / 1024)
}
