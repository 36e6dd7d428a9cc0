/** What the host's tool `message` may do while the gate is on: what only reads, and what certainly goes to nobody protected. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { refusedAction } from "../../../src/policy/outbound/message-action.ts"
import { outboundSetting, type OutboundSetting } from "../../../src/policy/outbound/outbound-setting.ts"

const setting = (settings: object) => outboundSetting({ protectedTo: ["4242", "-100777"], allowedFrom: [], ...settings }) as OutboundSetting
const onTelegram = setting({ channel: "telegram" })
const of = (params: object, here?: string, guarded = onTelegram) => refusedAction({ tool: "message", params: params as Record<string, unknown>, here }, guarded)

describe("actions of the tool message", () => {
  test("what goes to a protected recipient is refused, whatever it is and however it is named", () => {
    for (const params of [
      { action: "poll", target: "4242" },
      { action: "react", target: "telegram:4242", messageId: "1" },
      { action: "edit", to: "tg:4242", message: "x" },
      { action: "topic-create", channelId: "-100777:5" },
      { action: "broadcast", targets: ["1", "telegram:group:-100777"] },
      { action: "sticker", target: 4242 },
      { action: "an action nobody knows", target: "4242" },
      { action: "poll", channel: "telegram", target: "4242:7" },
      // The host knows channels by other names, too.
      { action: "poll", channel: "tg", target: "4242" },
      // Telegram's own part of the host takes `chatId` before `to`.
      { action: "react", target: "1", chatId: "4242" },
      { action: "kick", target: "1", userId: "4242" },
    ])
      assert.equal(of(params), params.action, JSON.stringify(params))
  })

  test("so is what names no recipient where nobody knows where the run came from", () => {
    for (const params of [{ action: "poll" }, { action: "react", messageId: "1" }, { action: "set-presence" }, { action: "edit", target: " " }]) {
      assert.equal(of(params), params.action, JSON.stringify(params))
      assert.equal(of(params, "agent:main:main"), params.action, "a session is no recipient")
      assert.equal(of(params, "webchat"), params.action, "nor is the host's own interface")
    }
    // What is no recipient on every channel does not stand for one.
    assert.equal(of({ action: "react", guildId: "1", messageId: "1" }), "react")
  })

  test("what names no recipient goes where the run came from", () => {
    assert.equal(of({ action: "react", emoji: "👍" }, "telegram:1"), undefined)
    assert.equal(of({ action: "react", emoji: "👍" }, "telegram:4242"), "react")
    assert.equal(of({ action: "react", emoji: "👍", chatId: "4242" }, "telegram:1"), "react")
    assert.equal(of({ action: "poll", target: "4242" }, "telegram:1"), "poll")
  })

  test("what is not protected is nobody's concern, and what only reads may name anybody or nobody", () => {
    for (const params of [
      { action: "poll", target: "1" },
      { action: "react", target: "1", messageId: "4242" },
      { action: "edit", target: "1", messageId: "7", message: "4242" },
      { action: "send", target: "4242", message: "judged when it leaves" },
      { target: "4242", message: "as is what names no action" },
      { action: "read", target: "4242" },
      ...["search", "emoji-list", "channel-list", "sticker-search", "member-info", "read", "reactions", "list-pins"].map((action) => ({ action })),
    ])
      assert.equal(of(params), undefined, JSON.stringify(params))
    assert.equal(refusedAction({ tool: "exec", params: { action: "poll", target: "4242" }, here: undefined }, onTelegram), undefined)
    assert.equal(of({ action: "poll", channel: "slack" }), undefined, "a channel that is not watched")
  })

  test("where a message's own id says where it is, naming somebody else does not help", () => {
    const onImessage = setting({ channel: ["imessage", "telegram"] })
    assert.equal(of({ action: "edit", channel: "imessage", target: "+1", messageId: "guid" }, undefined, onImessage), "edit")
    assert.equal(of({ action: "edit", channel: "telegram", target: "1", messageId: "7" }, undefined, setting({ channel: "telegram" })), undefined)
  })
})
