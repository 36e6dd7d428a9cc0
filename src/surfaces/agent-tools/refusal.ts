/** A tool's "no" to an agent: a sentence, and what to do instead. */
import { Fault } from "../../base/fault.ts"

export function refused(problem: string, remedy: string, cause?: unknown): Fault {
  return new Fault("tool.refused", { problem, remedy }, cause)
}
