/** The environment of a command is put together. Nothing of it is seen here, and nothing is added. */
import { hookRow, pickCommon } from "../reading.ts"
import { listed } from "./closed-list.ts"

export const resolveExecEnv = hookRow({
  hook: "resolve_exec_env",
  pick: (event, ctx) => ({ ...pickCommon(event, ctx), tool: event["toolName"], host: event["host"] }),
  map: (reading) => [
    reading.event({
      type: "exec.prepared",
      key: [reading.reference("sessionId", reading.picked["sessionId"]), reading.call.atMs],
      facts: {
        tool: reading.name("tool", reading.picked["tool"]) ?? "exec",
        host: listed(reading.picked["host"], ["gateway", "sandbox", "node"]),
      },
    }),
  ],
})
