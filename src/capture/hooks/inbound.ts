/**
 * A message on its way in, after it was received: claimed for a conversation that is bound to a plugin, on its way to an agent, or from somebody whom the
 * channel does not know yet. Its text is content of `message.received`; here is its length.
 */
import { countOf, objectOf } from "../../base/json.ts"
import { wholeMs } from "../measures.ts"
import { countItems, hookRow, pickCommon } from "../reading.ts"
import { lengthOf } from "./lengths.ts"

export const inboundClaim = hookRow({
  hook: "inbound_claim",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    sender: event["senderId"] ?? ctx["senderId"],
    channel: event["channel"] ?? ctx["channelId"],
    message: event["messageId"] ?? ctx["messageId"],
    account: event["accountId"] ?? ctx["accountId"],
    conversation: event["conversationId"] ?? ctx["conversationId"],
    thread: event["threadId"],
    group: event["isGroup"],
    mentioned: event["wasMentioned"],
    owner: event["senderIsOwner"],
    sentAtMs: event["timestamp"],
    length: lengthOf(event["content"]),
    mediaCount: countItems(event["media"] ?? event["originalMedia"]),
    senderName: event["senderName"],
    senderUsername: event["senderUsername"],
    replyTo: event["replyToId"],
    plugin: objectOf(ctx["pluginBinding"])["pluginId"],
  }),
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "message.claimed",
        key: [channel, message ?? reading.call.atMs],
        facts: {
          channel,
          message,
          length: countOf(picked["length"]) ?? 0,
          group: picked["group"] === true,
          mentioned: picked["mentioned"] === true ? true : undefined,
          owner: picked["owner"] === true ? true : undefined,
          sentAtMs: wholeMs(picked["sentAtMs"]),
          media: countOf(picked["mediaCount"]),
        },
        content: {
          sender: picked["sender"],
          senderName: picked["senderName"],
          senderUsername: picked["senderUsername"],
          account: picked["account"],
          conversation: picked["conversation"],
          thread: picked["thread"],
          replyTo: picked["replyTo"],
          plugin: picked["plugin"],
        },
      }),
    ]
  },
})

export const beforeDispatch = hookRow({
  hook: "before_dispatch",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    channel: ctx["channelId"] ?? event["channel"],
    message: event["messageId"] ?? ctx["messageId"],
    account: ctx["accountId"],
    conversation: ctx["conversationId"],
    group: event["isGroup"],
    sentAtMs: event["timestamp"],
    length: lengthOf(event["content"]),
    replyTo: event["replyToId"] ?? ctx["replyToId"],
  }),
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    const message = reading.reference("message", picked["message"])
    return [
      reading.event({
        type: "message.dispatched",
        key: [channel, message ?? reading.call.atMs],
        facts: {
          channel,
          message,
          length: countOf(picked["length"]) ?? 0,
          group: typeof picked["group"] === "boolean" ? picked["group"] : undefined,
          sentAtMs: wholeMs(picked["sentAtMs"]),
        },
        content: { sender: picked["sender"], account: picked["account"], conversation: picked["conversation"], replyTo: picked["replyTo"] },
      }),
    ]
  },
})

export const channelPairingRequested = hookRow({
  hook: "channel_pairing_requested",
  // Not the code: whoever reads it here could approve himself.
  pick: (event, ctx) => ({
    sender: event["senderId"] ?? ctx["senderId"],
    channel: event["channel"] ?? ctx["channelId"],
    account: event["accountId"] ?? ctx["accountId"],
    told: event["metadata"],
  }),
  map: (reading) => {
    const { picked } = reading
    const channel = reading.name("channel", picked["channel"])
    return [
      reading.event({
        type: "pairing.requested",
        key: [channel, reading.call.atMs],
        facts: { channel },
        content: { sender: picked["sender"], account: picked["account"], told: picked["told"] },
      }),
    ]
  },
})
