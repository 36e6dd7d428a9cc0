/** The threads that read a host's history, as the composition root hands them in, and how many of them are worth their start. */
import { availableParallelism } from "node:os"
import { Fault } from "../../../base/fault.ts"
import type { Source } from "../../../history/find-sources.ts"
import { readSources, type ReadOptions, type StartReader } from "../../../history/read-sources.ts"

let loadStart: () => Promise<StartReader> = () => Promise.reject(new Fault("cli.usage", { problem: "This program cannot read a host's history." }))

export function provideReaders(load: () => Promise<StartReader>): void {
  loadStart = load
}

const mostReaders = 4
/** Below this a second thread takes longer to start than it saves. */
const bytesWorthAThread = 32 * 2 ** 20
/** Clocks of hosts may be ahead of ours. */
const aheadMs = 86_400_000

export async function readHistory(sources: readonly Source[], nowMs: number, heard: Pick<ReadOptions, "onBatch" | "onDone" | "onInherited">): Promise<void> {
  if (sources.length === 0) return
  const bytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const readers = Math.min(mostReaders, availableParallelism(), 1 + Math.floor(bytes / bytesWorthAThread))
  await readSources(sources, { startReader: await loadStart(), readers, latestMs: nowMs + aheadMs, ...heard })
}
