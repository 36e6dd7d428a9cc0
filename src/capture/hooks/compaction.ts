/** A session's history is replaced by a summary. The calls to the model that write the summary have a run of their own (`runKind` is compaction). */
import { countOf, stringOf } from "../../base/json.ts"
import { hookRow, pickCommon, type Reading } from "../reading.ts"

export const beforeCompaction = hookRow({
  hook: "before_compaction",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    messageCount: event["messageCount"],
    compactingCount: event["compactingCount"],
    tokenCount: event["tokenCount"],
    file: event["sessionFile"],
  }),
  map: (reading) => {
    const { picked } = reading
    return [
      reading.event({
        type: "compaction.started",
        key: keyOf(reading),
        facts: {
          messageCount: countOf(picked["messageCount"]) ?? 0,
          compactingCount: countOf(picked["compactingCount"]),
          tokenCount: countOf(picked["tokenCount"]),
        },
        content: { sessionId: picked["sessionId"], file: picked["file"] },
      }),
    ]
  },
})

export const afterCompaction = hookRow({
  hook: "after_compaction",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    messageCount: event["messageCount"],
    compactedCount: event["compactedCount"],
    tokenCount: event["tokenCount"],
    previousSessionId: event["previousSessionId"],
    file: event["sessionFile"],
  }),
  map: (reading) => {
    const { picked } = reading
    return [
      reading.event({
        type: "compaction.ended",
        key: keyOf(reading),
        facts: {
          messageCount: countOf(picked["messageCount"]) ?? 0,
          compactedCount: countOf(picked["compactedCount"]),
          tokenCount: countOf(picked["tokenCount"]),
          rotated: stringOf(picked["previousSessionId"]) === undefined ? undefined : true,
        },
        content: { sessionId: picked["sessionId"], previousSessionId: picked["previousSessionId"], file: picked["file"], summary: picked["said"] },
      }),
    ]
  },
})

/** The host gives a compaction no id of its own here: the session and when is what there is. */
function keyOf(reading: Reading): readonly (string | number | undefined)[] {
  return [reading.reference("sessionId", reading.picked["sessionId"]), reading.call.atMs]
}
