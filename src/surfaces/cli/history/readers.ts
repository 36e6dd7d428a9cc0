/** The threads that read a host's history, as the composition root hands them in, and how many of them are worth their start. */
import type { KeyObject } from "node:crypto"
import { availableParallelism } from "node:os"
import { Fault } from "../../../base/fault.ts"
import type { Source } from "../../../history/find-sources.ts"
import type { Flow } from "../../../history/flow.ts"
import type { Followers } from "../../../history/follow/followers.ts"
import { readSources, type ReadOptions, type StartReader } from "../../../history/read-sources.ts"

/** For readers that make events of everything: under which key pseudonyms are made, and what keeps them from being far ahead of the disk. */
export type DeepReading = { readonly pseudonymKey: KeyObject; readonly flow: Flow }

type ReadersOf = (deep?: DeepReading) => StartReader

let loadReaders: () => Promise<ReadersOf> = () => Promise.reject(new Fault("cli.usage", { problem: "This program cannot read a host's history." }))

export function provideReaders(load: () => Promise<ReadersOf>): void {
  loadReaders = load
}

/** Readers that go on where they were, for as long as a command runs, as the composition root hands them in. */
export type FollowersFor = (pseudonymKey?: KeyObject) => Promise<Followers>

let followersFor: FollowersFor = () => Promise.reject(new Fault("cli.usage", { problem: "This program cannot follow a host's history." }))

export function provideFollowers(load: FollowersFor): void {
  followersFor = load
}

export function newFollowers(pseudonymKey?: KeyObject): Promise<Followers> {
  return followersFor(pseudonymKey)
}

const mostReaders = 4
/** Below this a second thread takes longer to start than it saves. */
const bytesWorthAThread = 32 * 2 ** 20
/** Clocks of hosts may be ahead of ours. */
const aheadMs = 86_400_000

type Heard = Pick<ReadOptions, "onBatch" | "onDone" | "onInherited" | "onEvents">

export async function readHistory(sources: readonly Source[], nowMs: number, heard: Heard, deep?: DeepReading): Promise<void> {
  if (sources.length === 0) return
  const bytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const readers = Math.min(mostReaders, availableParallelism(), 1 + Math.floor(bytes / bytesWorthAThread))
  const startReader = (await loadReaders())(deep)
  await readSources(sources, { startReader, readers, latestMs: nowMs + aheadMs, ...heard })
}

/** In this process, and one after the other. */
export function readByFollowers(followers: Followers): typeof readHistory {
  return (sources, nowMs, heard) => readSources(sources, { startReader: followers.startReader, readers: 1, latestMs: nowMs + aheadMs, ...heard })
}
