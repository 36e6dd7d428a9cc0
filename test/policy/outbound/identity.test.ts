/** Who is who: usual spellings of a phone number are one, and nothing else is a phone number. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { identities } from "../../../src/policy/outbound/identity.ts"
import { covers, parseOutbound, type OutboundRule } from "../../../src/policy/outbound/outbound-rule.ts"
import { placesOf, wrapped } from "../../../src/policy/outbound/places.ts"

const ruleOf = (settings: object) => parseOutbound({ protectedTo: ["1"], ...settings }) as OutboundRule

/** One person or place each: [channel, as it is known, other spellings of it]. */
const same: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "whatsapp",
    "+4915112345678",
    [
      ...["4915112345678", "+49 151 1234 5678", "+49 (0)151 12345678", "+49 (151) 123-456-78", "0049 151 12345678", " +49.151.12345678 ", "+49/151/12345678"],
      ...["whatsapp:+4915112345678", "WhatsApp: +49 151 12345678", "whatsapp:whatsapp:+4915112345678", "tel:+49-151-12345678", "sms:+4915112345678"],
      ...["4915112345678@s.whatsapp.net", "4915112345678:7@s.whatsapp.net", "4915112345678@c.us", "whatsapp:4915112345678@s.whatsapp.net"],
      ...["+49\u00a0151\u00a012345678", "\u202a+49 151 12345678\u202c", "+49‑151‑12345678", "+４９ 151 12345678", "+49·151·12345678"],
    ],
  ],
  ["signal", "group:Ab+1=", ["signal:group:Ab+1=", "SIGNAL:group:Ab+1=", " group:Ab+1= "]],
  [
    "telegram",
    "4242",
    ["telegram:4242", "Telegram:4242", " 4242 ", "tg:4242", "telegram:tg:4242", "4242:7", "telegram:4242:topic:7", "telegram:4242:direct-topic:7"],
  ],
  ["telegram", "-100123", ["telegram:group:-100123", "group:-100123", "-100123:5", "telegram:-100123:topic:5", "telegram:group:-100123:topic:5"]],
  ["telegram", "@some_body", ["some_body", "@Some_Body", "telegram:@some_body", "t.me/some_body", "https://t.me/Some_Body"]],
  ["discord", "9007", ["channel:9007", "user:9007", "discord:channel:9007", "<@9007>", "<@!9007>"]],
  ["slack", "C0AB", ["channel:C0AB", "slack:channel:C0AB"]],
  ["msteams", "19:abc@thread.tacv2", ["conversation:19:abc@thread.tacv2", "msteams:conversation:19:abc@thread.tacv2"]],
  ["matrix", "!room:server.org", ["matrix:!room:server.org"]],
]

/** Of one channel, and all of them different. */
const different: readonly (readonly [string, readonly string[]])[] = [
  ["whatsapp", ["user1@x", "+1", "user2@x", "120363041234567890@g.us", "+120363041234567890", "abc1", "123456@lid", "+123456", "jane", "+49151", "+490151"]],
  ["telegram", ["4242", "-4242", "-1004242", "42427", "@user_4242", "@user_4243", "user1@x"]],
  ["discord", ["9007", "9008", "guild:9007"]],
  ["matrix", ["@jane:server.org", "@jane:server.com", "!jane:server.org"]],
]

const identityOn = (channel: string) => identities(channel, ["whatsapp", "signal"].includes(channel))

describe("identities", () => {
  test("the usual spellings of one are the same", () => {
    let spellings = 0
    for (const [channel, known, others] of same)
      for (const spelling of [known, ...others]) {
        assert.equal(identityOn(channel)(spelling), known, `${channel} ${JSON.stringify(spelling)}`)
        spellings++
      }
    assert.ok(spellings >= 50, String(spellings))
  })

  test("no two are: digits in a name are no number, a group is no person", () => {
    for (const [channel, all] of different) assert.equal(new Set(all.map(identityOn(channel))).size, all.length, `${channel} ${all.map(identityOn(channel))}`)
  })

  test("what is no number stays what it is", () => {
    for (const other of ["user1@x", "120363041234567890@g.us", "abc1", "123456@lid", "jane"]) assert.equal(identityOn("whatsapp")(other), other)
  })
})

describe("places", () => {
  test("lists are of a channel that is watched, and an empty list of who may lets nobody", () => {
    const places = placesOf(ruleOf({ channel: ["Telegram"], protectedTo: ["telegram:4242", "-77"] }))
    const place = places("TELEGRAM")
    assert.deepEqual(
      [place?.isProtected("4242"), place?.isProtected("telegram:-77"), place?.isProtected("4243"), place?.isAllowed("4242")],
      [true, true, false, false],
    )
    assert.equal(places("slack"), undefined)
    assert.equal(covers(ruleOf({ channel: "*" }), "anything"), true)
  })

  test("who may be a protected one by a spelling that nobody here knows is protected, and is not let in by it", () => {
    const place = placesOf(ruleOf({ channel: "newchat", protectedTo: ["77", "Room:AbC"], allowedFrom: ["77"] }))("newchat")
    for (const to of ["channel:77", "user:77", "newchat:dm:77", "77:topic:5", "room:abc", "abc"]) assert.equal(place?.isProtected(to), true, to)
    for (const to of ["777", "channel:778", "7", "abcd", ""]) assert.equal(place?.isProtected(to), false, to)
    assert.deepEqual([place?.isAllowed("77"), place?.isAllowed("channel:77")], [true, false])
  })

  test("ten thousand of them cost no more than one", () => {
    const list = Array.from({ length: 10_000 }, (_, n) => String(n))
    const place = placesOf(ruleOf({ channel: "telegram", protectedTo: list, allowedFrom: list }))("telegram")
    assert.deepEqual([place?.isProtected("9999"), place?.isAllowed("telegram:5"), place?.isProtected("10000")], [true, true, false])
  })

  test("wrapping, once", () => {
    const rule = { wrapperPrefix: "<<", wrapperSuffix: ">>" }
    assert.equal(wrapped(rule, "  hello "), "<<\nhello\n>>")
    assert.equal(wrapped(rule, wrapped(rule, "hello")), "<<\nhello\n>>")
    assert.equal(wrapped(rule, "  "), "  ")
    assert.equal(wrapped({ wrapperPrefix: "||", wrapperSuffix: "||" }, "||"), "||\n||\n||")
  })
})

describe("settings", () => {
  test("what is under its least is raised to it, and says so; what is wrong is refused with a sentence", () => {
    const { armTtlMs, maxUsesPerArm, missedResponseTtlMs, raised } = ruleOf({ armTtlMs: 1, maxUsesPerArm: 0, missedResponseTtlMs: 5 })
    assert.deepEqual([armTtlMs, maxUsesPerArm, missedResponseTtlMs, raised], [15_000, 1, 30_000, ["armTtlMs", "maxUsesPerArm", "missedResponseTtlMs"]])
    for (const [settings, words] of [
      [{ protectedto: [] }, /has no protectedto/],
      [{ protectedTo: "4242" }, /must be a list of texts/],
      [{ triggerRegex: "(" }, /cannot be read/],
      [{ triggerRegex: "(?<=a)b" }, /no look-around/],
      [{ maxUsesPerArm: 1.5 }, /must be a whole number/],
      [[], /must be an object/],
      [{ strip: true }, /its strip must be an object/],
      [{ strip: { thoughts: true } }, /it has reasoning, secrets, internalMarkers/],
    ] as const)
      assert.throws(
        () => parseOutbound(settings),
        (error) => error instanceof Fault && words.test(error.message),
        JSON.stringify(settings),
      )
  })

  test("what the host lets through of them is what is read", () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../openclaw.plugin.json"), "utf8")) as {
      readonly configSchema: { readonly properties: { readonly gate: { readonly properties: object } } }
    }
    const { trigger: _trigger, raised: _raised, ...read } = ruleOf({})
    assert.deepEqual(Object.keys(manifest.configSchema.properties.gate.properties).toSorted(), Object.keys(read).toSorted())
    assert.deepEqual(ruleOf({ strip: { secrets: true } }).strip, { reasoning: false, secrets: true, internalMarkers: false })
  })

  test("nothing to protect and nothing to wrap is a gate that is off", () => {
    assert.equal((parseOutbound({ channel: "telegram" }) as OutboundRule).enabled, false)
    assert.equal(covers(parseOutbound({ channel: "telegram" }) as OutboundRule, "telegram"), false)
    assert.equal(covers(parseOutbound({ channel: "telegram", strip: { reasoning: true } }) as OutboundRule, "telegram"), true, "there is something to take out")
  })

  test("a pattern made to take for ever takes a moment", { timeout: 10_000 }, () => {
    const { trigger } = ruleOf({ triggerRegex: "^(a+)+$" })
    assert.equal(trigger.bodyOf(`${"a".repeat(60_000)}!`), undefined)
  })
})
