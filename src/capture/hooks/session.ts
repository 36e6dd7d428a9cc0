/** Sessions. A session's id stays the same when it is reset, so one id may begin and end several times. */
import { countOf, stringOf } from "../../base/json.ts"
import { wholeMs } from "../measures.ts"
import { countItems, hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"

export const sessionStart = hookRow({
  hook: "session_start",
  pick: (event, ctx) => ({ ...pickCommon(event, ctx), resumedFrom: event["resumedFrom"] }),
  map: (reading) => {
    const { picked } = reading
    return [
      reading.event({
        type: "session.started",
        key: [reading.reference("sessionId", picked["sessionId"]) ?? reading.call.atMs],
        facts: { resumed: stringOf(picked["resumedFrom"]) !== undefined },
        content: { sessionId: picked["sessionId"], resumedFrom: picked["resumedFrom"] },
      }),
    ]
  },
})

export const sessionEnd = hookRow({
  hook: "session_end",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    reason: event["reason"],
    messageCount: event["messageCount"],
    durationMs: event["durationMs"],
    archived: event["transcriptArchived"],
    nextSessionId: event["nextSessionId"],
    nextSession: event["nextSessionKey"],
    file: event["sessionFile"],
  }),
  map: (reading) => {
    const { picked } = reading
    const reason = word(picked["reason"])
    return [
      reading.event({
        type: "session.ended",
        key: [reading.reference("sessionId", picked["sessionId"]) ?? reading.call.atMs],
        facts: {
          reason,
          messageCount: countOf(picked["messageCount"]),
          durationMs: wholeMs(picked["durationMs"]),
          archived: typeof picked["archived"] === "boolean" ? picked["archived"] : undefined,
        },
        content: {
          sessionId: picked["sessionId"],
          reason: reason === undefined ? picked["reason"] : undefined,
          nextSessionId: picked["nextSessionId"],
          nextSession: picked["nextSession"],
          file: picked["file"],
        },
      }),
    ]
  },
})

/** Fires before the session's end is told, with the whole history: its length is enough, every message of it was recorded when it was written. */
export const beforeReset = hookRow({
  hook: "before_reset",
  pick: (event, ctx) => ({ ...pickCommon(event, ctx), reason: event["reason"], messageCount: countItems(event["messages"]), file: event["sessionFile"] }),
  map: (reading) => {
    const { picked } = reading
    const reason = word(picked["reason"])
    return [
      reading.event({
        type: "session.reset",
        key: [reading.reference("sessionId", picked["sessionId"]), reading.call.atMs],
        facts: { reason, messageCount: countOf(picked["messageCount"]) },
        content: { sessionId: picked["sessionId"], reason: reason === undefined ? picked["reason"] : undefined, file: picked["file"] },
      }),
    ]
  },
})
