/** Who is who: usual spellings of a phone number are one, and nothing else is a phone number. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { identities } from "../../../src/policy/outbound/identity.ts"
import { covers, parseOutbound, type OutboundRule } from "../../../src/policy/outbound/outbound-rule.ts"
import { placesOf, wrapped } from "../../../src/policy/outbound/places.ts"

const ruleOf = (settings: object) => parseOutbound({ protectedTo: ["1"], ...settings }) as OutboundRule

describe("identities", () => {
  test("a phone number in usual spellings", () => {
    const identity = identities("whatsapp", true)
    for (const spelling of [
      "+4915112345678",
      "4915112345678",
      "+49 151 1234 5678",
      "+49 (0)151 12345678",
      "+49 (151) 123-456-78",
      "0049 151 12345678",
      "whatsapp:+4915112345678",
      "4915112345678@s.whatsapp.net",
      "4915112345678:7@s.whatsapp.net",
      " +49.151.12345678 ",
    ])
      assert.equal(identity(spelling), "+4915112345678", spelling)
  })

  test("what is no number stays what it is", () => {
    const identity = identities("whatsapp", true)
    for (const other of ["user1@x", "120363041234567890@g.us", "abc1", "123456@lid", "jane"]) assert.equal(identity(other), other)
    assert.notEqual(identity("user1@x"), identity("+1"))
  })

  test("elsewhere it is the channel's own id, with or without its name in front", () => {
    const identity = identities("telegram", false)
    assert.deepEqual(["telegram:4242", "4242", "Telegram:4242", " 4242 "].map(identity), ["4242", "4242", "4242", "4242"])
    assert.notEqual(identity("-4242"), identity("4242"), "a group is not a person")
    assert.equal(identity("telegram:-100123:topic:7"), identity("-100123"), "a topic of a group is that group")
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
    ] as const)
      assert.throws(
        () => parseOutbound(settings),
        (error) => error instanceof Fault && words.test(error.message),
        JSON.stringify(settings),
      )
  })

  test("nothing to protect and nothing to wrap is a gate that is off", () => {
    assert.equal((parseOutbound({ channel: "telegram" }) as OutboundRule).enabled, false)
    assert.equal(covers(parseOutbound({ channel: "telegram" }) as OutboundRule, "telegram"), false)
  })

  test("a pattern made to take for ever takes a moment", { timeout: 10_000 }, () => {
    const { trigger } = ruleOf({ triggerRegex: "^(a+)+$" })
    assert.equal(trigger.bodyOf(`${"a".repeat(60_000)}!`), undefined)
  })
})
