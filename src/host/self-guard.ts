/** Whether a tool call reaches for what of the ledger's own no agent may reach: looked at on the host's thread, so that only such a call has to wait for the writer. */
import { realpathSync } from "node:fs"
import { objectOf, stringOf } from "../base/json.ts"
import { isDenied } from "../policy/self-protection/denied-touch.ts"
import { surroundingsFollowed, touchOf, type ProtectedPaths, type Surroundings } from "../policy/self-protection.ts"

export type SelfGuard = (event: unknown) => boolean

export const noSelfGuard: SelfGuard = () => false

/** `paths` are asked for once, at the first call. */
export function selfGuard(paths: () => ProtectedPaths): SelfGuard {
  let known: Surroundings | undefined
  return (event) => {
    const { toolName, params, derivedPaths } = objectOf(event)
    const tool = stringOf(toolName)
    if (tool === undefined) return false
    try {
      const touch = touchOf({ tool, params, paths: derivedPaths }, (known ??= surroundingsFollowed(paths(), realPathOf)))
      return touch !== undefined && isDenied(touch)
    } catch {
      // A bug of ours; the writer looks again at what is recorded.
      return false
    }
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Not there yet: it has no other name.
    return path
  }
}
