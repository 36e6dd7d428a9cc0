/** The paths a gateway tells of itself when it greets. */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { GatewayPaths } from "../../operations/self-watch.ts"

const names = ["stateDirectory", "hostConfig", "pluginDirectory", "home", "workspace"] as const
const longestPath = 4_096

export function parseGatewayPaths(value: unknown): GatewayPaths | undefined {
  if (value === undefined) return undefined
  const fields = objectOf(value)
  const paths = Object.fromEntries(
    names.flatMap((name) => {
      const path = stringOf(fields[name])
      return path === undefined || path.length > longestPath ? [] : [[name, path]]
    }),
  )
  return { ...paths, gatewayPid: countOf(fields["gatewayPid"]) }
}
