/** What is found in a file where signatures are answered later: again and again, until nothing in it is assumed any more. */
import { problemOf } from "../../base/fault.ts"
import type { ByteSource } from "../byte-source.ts"
import type { Finding } from "../evidence/evidence.ts"
import { ask, examine } from "../evidence/examine.ts"
import type { Pins } from "../evidence/pins.ts"
import { unreadable } from "../evidence/unknown.ts"
import { hasEd25519 } from "./ed25519.ts"
import { forget, settle } from "./questions.ts"

/** A file of ours takes one or two turns, and one more when a signature is wrong: what takes many was made to. */
const mostTurns = 12

export async function examineSettled(source: ByteSource, pins: Pins, onProgress?: (entries: number) => void): Promise<Finding> {
  if (!(await hasEd25519())) return unreadable("this program has no Ed25519 (Chromium has it from 137 on, Firefox from 129, Safari from 17, Node from 20)")
  forget()
  try {
    await ask(source, pins)
    await settle()
    for (let turn = 0; turn < mostTurns; turn++) {
      const finding = await examine(source, pins, onProgress)
      if ((await settle()) === 0) return finding
    }
    return unreadable("its signatures lead from one to the next without an end")
  } catch (error) {
    return unreadable(problemOf(error))
  } finally {
    forget()
  }
}
