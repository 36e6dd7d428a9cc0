/** The gateway's start and stop; both also fire on every reload of the plugin. */
import { countOf, stringOf } from "../../base/json.ts"
import { hookRow } from "../reading.ts"

/** The host's own words; a reason in any other words may hold anything, and is content. */
const knownReasons = new Set(["gateway stopping", "gateway restarting", "plugin replacement", "cli message action complete"])

export const gatewayStart = hookRow({
  hook: "gateway_start",
  pick: (event, ctx) => ({ port: event["port"] ?? ctx["port"] }),
  map: (reading) => {
    const port = countOf(reading.picked["port"])
    return [reading.event({ type: "gateway.started", key: [port, reading.call.atMs], facts: { port } })]
  },
})

export const gatewayStop = hookRow({
  hook: "gateway_stop",
  isTold: (memory) => memory.signalled,
  pick: (event, ctx) => ({ port: ctx["port"], reason: event["reason"] }),
  map: (reading) => {
    const said = stringOf(reading.picked["reason"])
    const known = said !== undefined && knownReasons.has(said)
    return [
      reading.event({
        type: "gateway.stopped",
        key: [countOf(reading.picked["port"]), reading.call.atMs],
        facts: { reason: known ? said : said === undefined ? "unknown" : "other" },
        content: { reason: known ? undefined : said },
      }),
    ]
  },
})
