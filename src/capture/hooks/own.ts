/** What our own code in the gateway found out and no hook tells: it is captured on the same way as a hook's call. */
import { stringOf } from "../../base/json.ts"
import { hookRow } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"

/** `{hook, errorName, message}`: registering a hook threw. Once for each time that registration runs. */
export const hookUnavailable = hookRow({
  hook: "hook-unavailable",
  source: "own",
  pick: (event) => ({ unavailable: event["hook"], error: event["errorName"], message: event["message"] }),
  map: (reading) => {
    const { picked } = reading
    const unavailable = word(picked["unavailable"]) ?? "unknown"
    return [
      reading.event({
        type: "capture.hook-unavailable",
        key: [unavailable, reading.call.atMs],
        facts: { hook: unavailable, error: word(picked["error"]) },
        content: { message: picked["message"] },
      }),
    ]
  },
})

const disabledBy = ["entry disabled", "not in plugins.allow", "plugins disabled", "denied in plugins.deny", "uninstalled"]

/** `{reason, message}`: the plugin is switched off while the gateway runs on. */
export const guardDisabled = hookRow({
  hook: "guard-disabled",
  source: "own",
  pick: (event) => ({ reason: event["reason"], message: event["message"] }),
  map: (reading) => {
    const reason = listed(reading.picked["reason"], disabledBy)
    return [
      reading.event({
        type: "guard.disabled",
        key: [reading.call.atMs],
        facts: { reason: reason ?? "unknown" },
        content: { reason: reason === undefined ? stringOf(reading.picked["reason"]) : undefined, message: reading.picked["message"] },
      }),
    ]
  },
})

const signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGBREAK"]

/** `{signal, port}`: the process was told to stop. The hook that would say so may never fire: a run in its retries holds it up for minutes. */
export const gatewaySignal = hookRow({
  hook: "gateway-signal",
  source: "own",
  pick: (event) => ({ port: event["port"], signal: event["signal"] }),
  map: (reading) => {
    const signal = listed(reading.picked["signal"], signals)
    return [reading.event({ type: "gateway.stopped", key: [signal, reading.call.atMs], facts: { reason: signal ?? "unknown" } })]
  },
})
