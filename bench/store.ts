/**
 * The large store that several benches read: built once a run by a process of its own, under the writer's flags, and removed when the run ends.
 * Who changes it takes a copy.
 */
import { makeHome, type LedgerHome } from "./ledger-home.ts"
import { runScript } from "./processes.ts"

export type HeapSample = { readonly entries: number; readonly heapMb: number; readonly residentMb: number }

export type BuiltStore = {
  readonly home: LedgerHome
  readonly entries: number
  /** The builder's memory after a collection, as the journal grew. */
  readonly heap: readonly HeapSample[]
}

export const fullEntries = 1_000_000
export const quickEntries = 200_000

const stores = new Map<number, Promise<BuiltStore>>()

/** A store of that many captured events of 505 B, appended in batches of 100 and finished as a writer finishes. */
export function builtStore(entries: number, say: (words: string) => void): Promise<BuiltStore> {
  let store = stores.get(entries)
  if (!store) stores.set(entries, (store = build(entries, say)))
  return store
}

export function largeStore(args: readonly string[], say: (words: string) => void): Promise<BuiltStore> {
  return builtStore(args.includes("--quick") ? quickEntries : fullEntries, say)
}

async function build(entries: number, say: (words: string) => void): Promise<BuiltStore> {
  const home = makeHome("store")
  say(`building a store of ${entries} entries`)
  const heap = (await runScript("build-store.ts", [home.root, String(entries)])) as readonly HeapSample[]
  return { home, entries, heap }
}
