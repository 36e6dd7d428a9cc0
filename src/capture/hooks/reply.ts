/**
 * An answer on its way to the person: about to be made for a message that came in, and each part of it about to leave. What leaves on a channel follows
 * as `message.offered` with its text; here is its length. Web chat shows every part whatever a hook answers.
 */
import { countOf, objectOf } from "../../base/json.ts"
import { countItems, hookRow, pickCommon } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"
import { lengthOf } from "./lengths.ts"

export const replyDispatch = hookRow({
  hook: "reply_dispatch",
  pick: (event, ctx) => {
    const message = objectOf(event["ctx"])
    return {
      run: event["runId"],
      agent: message["AgentId"],
      session: event["sessionKey"] ?? message["SessionKey"],
      sender: message["SenderId"],
      channel: event["originatingChannel"] ?? message["OriginatingChannel"] ?? message["Provider"],
      message: message["MessageSid"],
      dispatch: ctx["dispatchKind"],
      chat: event["originatingChatType"] ?? message["ChatType"],
      policy: event["sendPolicy"],
      suppressed: event["suppressUserDelivery"],
      images: countItems(event["images"]),
      length: lengthOf(message["RawBody"]) ?? lengthOf(message["Body"]),
      to: event["originatingTo"],
      account: event["originatingAccountId"],
      thread: event["originatingThreadId"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "reply.dispatched",
        key: [reading.reference("run", picked["run"]) ?? message ?? reading.call.atMs],
        facts: {
          channel: reading.name("channel", picked["channel"]),
          message,
          length: countOf(picked["length"]) ?? 0,
          dispatch: listed(picked["dispatch"], ["agent", "acp"]),
          chat: word(picked["chat"]),
          policy: listed(picked["policy"], ["allow", "deny"]),
          images: countOf(picked["images"]),
          suppressed: picked["suppressed"] === true ? true : undefined,
        },
        content: { sender: picked["sender"], to: picked["to"], account: picked["account"], thread: picked["thread"] },
      }),
    ]
  },
})

export const replyPayloadSending = hookRow({
  hook: "reply_payload_sending",
  pick: (event, ctx) => {
    const payload = objectOf(event["payload"])
    const state = objectOf(event["usageState"])
    const media = payload["mediaUrls"]
    return {
      ...pickCommon(event, ctx),
      agent: state["agentId"] ?? ctx["agentId"],
      sessionId: state["sessionId"],
      channel: event["channel"] ?? ctx["channelId"],
      message: ctx["messageId"],
      part: event["kind"],
      failed: payload["isError"],
      length: lengthOf(payload["text"]),
      mediaCount: countItems(media) ?? (typeof payload["mediaUrl"] === "string" ? 1 : undefined),
      account: ctx["accountId"],
      conversation: ctx["conversationId"],
      replyTo: payload["replyToId"],
      stripped: event["stripped"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "reply.offered",
        // One answer leaves in several parts, which the host does not number.
        key: [reading.reference("run", picked["run"]) ?? message, reading.call.atMs],
        facts: {
          channel: reading.name("channel", picked["channel"]),
          message,
          part: listed(picked["part"], ["tool", "block", "final"]),
          length: countOf(picked["length"]) ?? 0,
          media: countOf(picked["mediaCount"]),
          failed: picked["failed"] === true ? true : undefined,
        },
        content: {
          sessionId: picked["sessionId"],
          sender: picked["sender"],
          account: picked["account"],
          conversation: picked["conversation"],
          replyTo: picked["replyTo"],
        },
      }),
    ]
  },
})
