/** The host's state directory. The rules: https://docs.openclaw.ai/help/environment */
import { homedir } from "node:os"
import { join, resolve } from "node:path"

export type Environment = Readonly<Record<string, string | undefined>>

export function stateDirectory(environment: Environment): string {
  if (environment["OPENCLAW_STATE_DIR"]) return resolve(environment["OPENCLAW_STATE_DIR"])
  const home = environment["OPENCLAW_HOME"] ?? environment["HOME"] ?? homedir()
  const profile = environment["OPENCLAW_PROFILE"]
  return join(home, profile && profile !== "default" ? `.openclaw-${profile}` : ".openclaw")
}
