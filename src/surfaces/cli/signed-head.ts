/** The head, signed on demand by the running writer; nothing is stored by that. */
import { Fault } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import { askWriter } from "../socket/writer-link.ts"
import type { CommandContext } from "./command.ts"

const answerWithinMs = 5_000

/** The note of everything that is committed by now; undefined when no writer runs, or one that cannot be asked. */
export async function signedHead({ socket }: CommandContext): Promise<string | undefined> {
  try {
    return stringOf(objectOf(await askWriter({ socketPath: socket, role: "cli" }, "sign", answerWithinMs))["note"])
  } catch (error) {
    // Nobody there, not for us, or of a version that does not know the question: the last stored checkpoint serves then.
    if (error instanceof Fault) return undefined
    throw error
  }
}
