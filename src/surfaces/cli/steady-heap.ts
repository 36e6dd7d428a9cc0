/**
 * Keeps a walk over many entries within a little memory. Nothing of an entry outlives the next one, and yet V8 lets the young part of its heap grow, with
 * what happens to be in hand at each of many collections, to 150 MB. Where the walk has got under way the heap has the size it needs.
 */
import { setFlagsFromString } from "node:v8"

/** The progress of a walk; from its first report on the young heap grows no more. Read by V8 whenever it would grow, so that it may be set late. */
export function onSteadyHeap(onProgress: (done: number, total: number) => void): (done: number, total: number) => void {
  let isSteady = false
  return (done, total) => {
    if (!isSteady) setFlagsFromString("--semi-space-growth-factor=1")
    isSteady = true
    onProgress(done, total)
  }
}
