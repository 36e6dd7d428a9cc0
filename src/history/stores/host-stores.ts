/**
 * Everything the host itself keeps of model calls, tool calls and runs, read by the command line's own process. A store of a version nobody here knows,
 * or one that cannot be read, is named with its reason, and the others are read all the same.
 */
import { existsSync, readdirSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { problemOf } from "../../base/fault.ts"
import { readAgentStore } from "./agent-store.ts"
import { agentStoreVersions } from "./agent-tables.ts"
import type { AgentStorePlace } from "./archived-transcripts.ts"
import { readStore, type Reading, type ReadingLimits } from "./open-store.ts"
import type { Findings, HostRecords, StoreRead, TimeRange } from "./records.ts"
import { readStateStore, stateStoreVersions } from "./state-store.ts"

const agentStoreName = "openclaw-agent.sqlite"

export function readHostStores(stateDirectory: string, range: TimeRange, limits?: ReadingLimits): HostRecords {
  const statePath = join(stateDirectory, "state", "openclaw.sqlite")
  const shared = readStore(statePath, stateStoreVersions, (database) => readStateStore(database, stateDirectory, range), limits)
  const found: Findings[] = shared.state === "read" ? [shared.value] : []
  const stores = [storeRead("state", statePath, shared)]
  const usual = usualAgentStores(join(stateDirectory, "agents"))
  if ("problem" in usual) stores.push(storeRead("agents", usual.path, { state: "unreadable", problem: usual.problem }))
  const listed = shared.state === "read" ? shared.value.agentStores : []
  const places = new Map([...("problem" in usual ? [] : usual), ...listed].map((place) => [resolve(place.path), place]))
  for (const place of places.values()) {
    const reading = readStore(place.path, agentStoreVersions, (database) => readAgentStore(database, place, range), limits)
    if (reading.state === "read") found.push(reading.value)
    stores.push(storeRead(`agent ${place.agent}`, place.path, reading))
  }
  return {
    stores,
    modelCalls: found.flatMap(({ modelCalls }) => modelCalls),
    toolCalls: found.flatMap(({ toolCalls }) => toolCalls),
    runs: found.flatMap(({ runs }) => runs),
  }
}

/** Stores that lie where they lie by default, listed by the host or not. */
function usualAgentStores(directory: string): readonly AgentStorePlace[] | { readonly path: string; readonly problem: string } {
  if (!existsSync(directory)) return []
  try {
    const places = readdirSync(directory)
      .sort()
      .map((agent) => ({ agent, path: join(directory, agent, "agent", agentStoreName) }))
    return places.filter(({ path }) => statSync(path, { throwIfNoEntry: false }) !== undefined)
  } catch (error) {
    // What may not be looked at may hold stores: that is said, not taken for nothing.
    return { path: directory, problem: problemOf(error) }
  }
}

function storeRead(name: string, path: string, reading: Reading<Findings>): StoreRead {
  const value = reading.state === "read" ? reading.value : undefined
  return {
    name,
    path,
    state: reading.state,
    schemaVersion: "schemaVersion" in reading ? reading.schemaVersion : null,
    problem: "problem" in reading ? reading.problem : null,
    rows: value?.rows ?? 0,
    unreadableRows: value?.unreadableRows ?? 0,
  }
}
