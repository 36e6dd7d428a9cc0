/** A wait that holds up the thread it is in, as a slow disk does; for benches and tests only. */
export function delayer(delayMs: number): () => void {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  return () => void Atomics.wait(cell, 0, 0, delayMs)
}
