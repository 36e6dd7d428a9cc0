/** What a writer records of itself. */
import { Fault, problemOf } from "../base/fault.ts"
import { randomBytes } from "node:crypto"
import type { EventFacts, NewEvent } from "../format/event.ts"
import type { ScopeStore } from "../vault/scopes.ts"
import { databaseFault, isDriverError } from "../vault/database.ts"
import { machineId } from "./machine.ts"

type Started = Omit<EventFacts["writer.started"], "pid" | "machine">

/** The machine's pseudonym tells machines apart without naming them. */
export function startedEvent(scopes: Pick<ScopeStore, "pseudonym">, facts: Started): NewEvent {
  const machine = scopes.pseudonym(`machine:${machineId()}`)
  return { type: "writer.started", id: `writer.started:${once()}`, facts: { ...facts, pid: process.pid, machine } }
}

export function stoppedEvent(reason: string): NewEvent {
  return { type: "writer.stopped", id: `writer.stopped:${once()}`, facts: { reason } }
}

function once(): string {
  return randomBytes(8).toString("hex")
}

/** For the log of a service manager; a client that starts a writer reads its first line, and the connection's last. */
export function say(fault: Fault): void {
  process.stderr.write(`${fault.message}\n${fault.remedy}\n`)
}

/** What a refused write means to people. */
export function writeFault(file: string, error: unknown): Fault {
  return isDriverError(error) ? databaseFault(file, error) : new Fault("store.write-failed", { file, problem: problemOf(error) }, error)
}
