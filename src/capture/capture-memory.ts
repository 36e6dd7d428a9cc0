/** What capture remembers between calls, once a process and beside the hooks: how far each history was told, and the counts of each run's streams. */
import { Histories } from "./history.ts"
import { StreamCounts } from "./hooks/stream-counts.ts"

export class CaptureMemory {
  readonly histories = new Histories()
  readonly streams = new StreamCounts()
  /** Set when the process was told to stop by a signal, which is on record: the hook that may follow says the same again. */
  signalled = false
}
