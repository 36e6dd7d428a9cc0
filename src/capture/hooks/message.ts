/** Messages: received, about to leave (the host may still cancel them), and left. Who wrote and who gets them is content. */
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { wholeMs } from "../measures.ts"
import { countItems, hookRow, pickCommon } from "../reading.ts"

export const messageReceived = hookRow({
  hook: "message_received",
  pick: (event, ctx) => {
    const metadata = objectOf(event["metadata"])
    const media = event["media"] ?? event["originalMedia"] ?? metadata["mediaUrls"]
    return {
      ...pickCommon(event, ctx),
      sender: event["senderId"] ?? ctx["senderId"] ?? bareSender(event["from"], ctx["channelId"]),
      ...pickPlace(event, ctx),
      message: event["messageId"] ?? ctx["messageId"],
      sentAtMs: event["timestamp"],
      mediaCount: countItems(media),
      from: event["from"],
      senderName: metadata["senderName"],
      senderUsername: metadata["senderUsername"],
      surface: metadata["surface"],
      to: metadata["to"] ?? metadata["originatingTo"],
      replyTo: event["replyToId"],
      text: event["content"],
      media,
    }
  },
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "message.received",
        key: [channel, message ?? reading.call.atMs],
        facts: { channel, message, length: reading.length(picked["text"]), sentAtMs: wholeMs(picked["sentAtMs"]), media: countOf(picked["mediaCount"]) },
        content: {
          from: picked["from"],
          sender: picked["sender"],
          senderName: picked["senderName"],
          senderUsername: picked["senderUsername"],
          surface: picked["surface"],
          to: picked["to"],
          ...placeContent(picked),
          text: picked["text"],
          media: picked["media"],
        },
      }),
    ]
  },
})

export const messageSending = hookRow({
  hook: "message_sending",
  pick: (event, ctx) => {
    const media = objectOf(event["metadata"])["mediaUrls"]
    return {
      ...pickCommon(event, ctx),
      ...pickPlace(event, ctx),
      mediaCount: countItems(media),
      // Of ours, where something was taken out: the text is what was left.
      stripped: event["stripped"],
      to: event["to"],
      replyTo: event["replyToId"],
      text: event["content"],
      media,
    }
  },
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    const to = stringOf(picked["to"])
    return [
      reading.event({
        type: "message.offered",
        // The host gives it no id yet: where it goes and when is what there is.
        key: [channel, to === undefined ? undefined : reading.context.pseudonym(to), reading.call.atMs],
        facts: { channel, length: reading.length(picked["text"]), media: countOf(picked["mediaCount"]) },
        content: { to, ...placeContent(picked), text: picked["text"], media: picked["media"] },
      }),
    ]
  },
})

export const messageSent = hookRow({
  hook: "message_sent",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    ...pickPlace(event, ctx),
    message: event["messageId"] ?? ctx["messageId"],
    success: event["success"],
    to: event["to"],
    error: event["error"],
    text: event["content"],
  }),
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "message.sent",
        key: [channel, message ?? reading.call.atMs],
        facts: { channel, message, length: reading.length(picked["text"]), success: picked["success"] === true },
        content: { to: picked["to"], ...placeContent(picked), error: picked["error"], text: picked["text"] },
      }),
    ]
  },
})

function pickPlace(event: Picked, ctx: Picked): Picked {
  return { channel: ctx["channelId"], account: ctx["accountId"], conversation: ctx["conversationId"], thread: event["threadId"] }
}

function placeContent(picked: Picked): Picked {
  return { account: picked["account"], conversation: picked["conversation"], thread: picked["thread"], replyTo: picked["replyTo"] }
}

/** `telegram:4242` on the channel telegram is the sender that other hooks call `4242`. */
function bareSender(from: unknown, channel: unknown): unknown {
  const prefix = `${stringOf(channel)}:`
  return typeof from === "string" && from.startsWith(prefix) ? from.slice(prefix.length) : from
}
