/** Settings of alerts: what is taken, and what is refused in words that repeat nothing of an address. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { parseAlerts, shownRule } from "../../../src/policy/alerts/alert-rule.ts"

const hook = (more: object, url: unknown = "https://hooks.example.com/T0/secret-path") => ({ alerts: { webhooks: [{ url, ...more }] } })

describe("settings of alerts", () => {
  test("nothing named is nobody told", () => {
    for (const settings of [{}, { alerts: {} }, { alerts: null }, { alerts: false }, { alerts: { webhooks: [], quietHours: { from: "22:00", to: "07:00" } } }])
      assert.equal(parseAlerts(settings), undefined)
  })

  test("defaults, and kinds by the host's name", () => {
    const urls = [
      "https://hooks.slack.com/services/a",
      "https://discord.com/api/webhooks/1/a",
      "https://ptb.discord.com/api/webhooks/1/a",
      "https://alerts.example.com/a",
      "https://hooks.slack.com.evil.example/a",
    ]
    const rule = parseAlerts({ alerts: { webhooks: urls.map((url, n) => ({ url, name: `n${n}` })) } })
    assert.deepEqual(
      rule?.receivers.map(({ webhook, minSeverity }) => [webhook?.kind, minSeverity]),
      [
        ["slack", "warning"],
        ["discord", "warning"],
        ["discord", "warning"],
        ["json", "warning"],
        ["json", "warning"],
      ],
    )
    assert.deepEqual([rule?.repeatMs, rule?.mostAnHour, rule?.giveUpMs], [3_600_000, 60, 86_400_000])
  })

  test("a reference that was not resolved here is a receiver that cannot be told from here, and refuses nothing", () => {
    const reference = { source: "env", provider: "default", id: "HOOK" }
    const rule = parseAlerts({ ...hook({ secret: reference }, reference), notificationWebhook: reference })
    assert.deepEqual(
      rule?.receivers.map(({ webhook }) => [webhook?.url, webhook?.isUnresolved]),
      [
        [undefined, true],
        [undefined, true],
      ],
    )
  })

  test("what is put on record names hosts, and neither paths nor secrets", () => {
    const rule = parseAlerts({
      alerts: { webhooks: [{ url: "https://hooks.example.com/T0/secret-path?key=k", secret: "signing" }], operatorChat: { channel: "Telegram", to: 4242 } },
    })
    assert.ok(rule)
    const shown = JSON.stringify(shownRule(rule))
    assert.ok(!/secret-path|key=k|signing"/.test(shown.replace('"signed"', "")), shown)
    assert.match(shown, /hooks\.example\.com.*"channel":"telegram","to":"4242"/)
  })

  test("the web hook of reports is a receiver of its own, signed where there is a secret, and on record as what it is", () => {
    const rule = parseAlerts({ reportWebhook: "https://hooks.slack.com/services/secret-path", reportWebhookSecret: "signing" })
    assert.deepEqual(
      rule?.receivers.map(({ id, getsReports, webhook }) => [id, getsReports, webhook?.kind, webhook?.secret]),
      [["report", true, "slack", "signing"]],
    )
    assert.match(JSON.stringify(rule && shownRule(rule)), /"name":"report","kind":"slack",.*"signed":true.*"reports":true/)
    assert.equal(parseAlerts({ reportWebhookSecret: "signing" }), undefined)
    const reference = { source: "env", provider: "default", id: "HOOK" }
    assert.equal(parseAlerts({ reportWebhook: reference, reportWebhookSecret: reference })?.receivers[0]?.webhook?.isUnresolved, true)
  })

  const refused: readonly (readonly [object, RegExp])[] = [
    [{ alerts: [] }, /must be an object/],
    [{ reportWebhook: "http://hooks.example.com/a" }, /reportWebhook.*must begin with https/],
    [{ reportWebhook: 5 }, /reportWebhook.*must be a text/],
    [{ reportWebhook: "https://hooks.example.com/a", reportWebhookSecret: 5 }, /reportWebhook.*must be a text/],
    [{ alerts: { webhook: [] } }, /has no webhook/],
    [{ alerts: { webhooks: {} } }, /must be a list/],
    [hook({}, null), /has no url/],
    [hook({}, "not a url secret-path"), /cannot be read/],
    [hook({}, "http://hooks.example.com/secret-path"), /must begin with https/],
    [hook({}, "ftp://hooks.example.com/secret-path"), /must begin with https/],
    [hook({}, "https://me:word@hooks.example.com/secret-path"), /must not name a user/],
    [hook({}, "https://0x7f000001/secret-path"), /odd way/],
    [hook({}, "https://127.1/secret-path"), /odd way/],
    [hook({}, "https://2130706433/secret-path"), /odd way/],
    [hook({}, "https://0177.0.0.1/secret-path"), /odd way/],
    [hook({ kind: "teams" }), /must be one of slack, discord, json/],
    [hook({ minSeverity: "loud" }), /must be one of info, warning, critical/],
    [hook({ allowPrivate: "yes" }), /true or false/],
    [hook({ name: "chat" }), /must be of small letters/],
    [hook({ name: "UPPER" }), /must be of small letters/],
    [hook({ secret: 7 }), /secret of a webhook must be a text/],
    [hook({ colour: "red" }), /has no colour/],
    [{ alerts: { webhooks: ["a", "a"].map((name) => ({ url: "https://hooks.example.com/a", name })) } }, /two receivers are called a/],
    [{ alerts: { operatorChat: { channel: "telegram" } } }, /whom to tell there/],
    [{ alerts: { operatorChat: { channel: "../x", to: "1" } } }, /must name a channel/],
    [{ alerts: { quietHours: { from: "22:00", to: "22:00" } } }, /two times that differ/],
    [{ alerts: { quietHours: { from: "22:00", to: "25:00" } } }, /two times that differ/],
    [{ alerts: { quietHours: { from: "22:00", to: "07:00", zone: "Berlin" } } }, /no time zone/],
    [{ alerts: { repeatMinutes: 0 } }, /must be from 1 to 10080/],
    [{ alerts: { mostAnHour: 1.5 } }, /whole number/],
    [{ alerts: { mute: [7] } }, /must be a list of types/],
    [{ notificationWebhook: "http://hooks.example.com/secret-path" }, /must begin with https/],
  ]
  for (const [settings, words] of refused)
    test(`${JSON.stringify(settings).slice(0, 100)} is refused`, () => {
      assert.throws(
        () => parseAlerts(settings),
        (error: unknown) => error instanceof Fault && error.code === "config.invalid" && words.test(error.message) && !error.message.includes("secret-path"),
      )
    })
})
