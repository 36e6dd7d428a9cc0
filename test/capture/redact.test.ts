/** Redaction of payloads: what is taken out, what stays, and what a payload looks like afterwards. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import type { Json } from "../../src/base/json.ts"
import { countFound, redact, redactPicked, redactText } from "../../src/capture/redact.ts"
import { secretName } from "../../src/capture/redaction/field-name.ts"
import { nouns } from "../../src/capture/redaction/name-words.ts"
import { runs } from "./nasty.ts"
import { captured, variants } from "./vectors.ts"

/** Put together here, so that no scanner takes them for keys. */
const github = `gh${"p_"}${"a1B2c3".repeat(6)}`
const openai = `sk${"-proj-"}${"aB3dE5fG7h".repeat(4)}`
const telegram = `123456789${":AA"}${"aB3".repeat(11)}`

describe("redaction by name", () => {
  for (const name of [
    ...["secret", "password", "token", "apiKey", "api_key", "auth", "credential", "passphrase", "jwt", "bearer", "cookie", "privateKey"],
    ...["x-api-key", "clientSecret", "AWS_SECRET_ACCESS_KEY", "set-cookie", "Set-Cookie", "Authorization", "userPassword", "db_password_prod", "PGPASSWORD"],
    ...["accessToken", "refresh_token2", "APIKey", "MyAPIKEY", "privateKeyPem2", "clientsecret", "contraseña", "密码", "secrets", "tokens", "newPassword"],
  ]) {
    test(`${name} is that of a secret`, () => {
      const { value, found } = redact({ deep: [{ [name]: "Xk2-9fQ7zL0pRt5w" }] })
      assert.doesNotMatch(JSON.stringify(value), /Xk2/)
      assert.equal(countFound(found), 1)
    })
  }

  for (const name of [
    ...["author", "authors", "authority", "authenticated", "authorId", "oauthProvider", "max_tokens", "maxTokens", "inputTokens", "token_count", "tokenizer"],
    ...["keyboard", "monkey", "publicKey", "primaryKey", "sessionKey", "passed", "compass", "secretary", "tokenType", "cookieConsent", "passwordLength"],
    ...["nextPageToken", "secretArn", "accessKeyId", "credentialsFile", "key", "hasPassword", "requireAuth"],
  ]) {
    test(`${name} is not`, () => {
      const value = { [name]: "ordinary text 42", n: { [name]: 4096 } }
      assert.equal(redact(value).value, value)
    })
  }

  test("every word of the list is found, alone and among others", () => {
    for (const { kind, words, pairs = [] } of nouns) {
      for (const word of [...words, ...pairs.map((pair) => pair.join("_"))]) {
        for (const name of [word, `my_${word}`, `my-${word.toUpperCase()}`]) assert.equal(secretName(name)?.kind, kind, name)
      }
    }
  })

  test("numbers and switches under such a name are mostly no secrets", () => {
    const value = { token: 4096, auth: true, password: false, cookie: null, tokens: 120_000, secrets: 3, apiKey: 7 }
    assert.equal(redact(value).value, value)
    assert.deepEqual(redact({ password: 12_345_678 }).value, { password: "[redacted:password]" })
  })

  test("a stand-in for a secret, or a word about it, is none", () => {
    const value = { password: "<password>", token: "${TOKEN}", apiKey: "YOUR-API-KEY", secret: "********", auth: "oauth2", jwt: "required", cookie: "none" }
    assert.equal(redact(value).value, value)
  })

  test("what describes a secret stays, what is beside a name goes", () => {
    const value = {
      credentials: { type: "password", username: "bob", host: "db", secretText: "swordfish" },
      env: [{ name: "DB_PASSWORD", value: "swordfish" }],
    }
    assert.deepEqual(redact(value).value, {
      credentials: { type: "password", username: "bob", host: "db", secretText: "[redacted:secret]" },
      env: [{ name: "DB_PASSWORD", value: "[redacted:password]" }],
    })
  })
})

describe("redaction by shape", () => {
  const cases: readonly (readonly [string, string])[] = [
    [`curl -H 'Authorization: Bearer ${openai}' https://x`, "curl -H 'Authorization: Bearer [redacted:openai-key]' https://x"],
    [`pushed with ${github}.`, "pushed with [redacted:github-token]."],
    [`a=${github}&b=1`, "a=[redacted:github-token]&b=1"],
    [`https://api.telegram.org/bot${telegram}/getMe`, "https://api.telegram.org/bot[redacted:telegram-token]/getMe"],
    ["postgres://app:pa%20ss@db:5432/x", "postgres://app:[redacted:url-password]@db:5432/x"],
    ["postgres://db:5432/x?user=a@b", "postgres://db:5432/x?user=a@b"],
    ["DB_PASSWORD=hunter2\nPORT=80", "DB_PASSWORD=[redacted:password]\nPORT=80"],
    ['{"a":"{\\"password\\":\\"x\\\\\\"y1\\",\\"b\\":2}"}', '{"a":"{\\"password\\":\\"[redacted:password]\\",\\"b\\":2}"}'],
    ["curl -u bob:hunter2 https://x", "curl -u bob:[redacted:password] https://x"],
    ["docker run -u 1000:1000 -p 80:80 x", "docker run -u 1000:1000 -p 80:80 x"],
    ["password = getPassword()", "password = getPassword()"],
    ["const token: string = user.token", "const token: string = user.token"],
    ["Authorization: Bearer $TOKEN", "Authorization: Bearer $TOKEN"],
    ["DB_PASSWORD=${DB_PASSWORD}", "DB_PASSWORD=${DB_PASSWORD}"],
    ["password: required", "password: required"],
    ["token_count=Xk29fQ7zL0pRt5w", "token_count=Xk29fQ7zL0pRt5w"],
    [`a\\n${openai}\\nb`, "a\\n[redacted:openai-key]\\nb"],
    [`k=${"AIza"}${"Sy0"}${"aB3-".repeat(8)}tail`, "k=[redacted:google-api-key]"],
    ["- name: DB_PASSWORD\n  value: Xk29fQ7z", "- name: DB_PASSWORD\n  value: [redacted:password]"],
    ["echo 'Xk29fQ7z' | sudo -S true", "echo '[redacted:password]' | sudo -S true"],
    ["r=x%26access_token%3DXk29fQ7zL0%26b", "r=x%26access_token%3D[redacted:token]%26b"],
    ["the password is required, the token is invalid", "the password is required, the token is invalid"],
  ]
  for (const [text, expected] of cases) test(JSON.stringify(text).slice(0, 60), () => assert.equal(redactText(text), expected))

  test("keys of objects, lists of arguments, pairs, and lists of words", () => {
    assert.deepEqual(redact({ [github]: 1, [`${github}x`]: 2 }).value, { "[redacted:github-token]": 1, "[redacted:github-token] 2": 2 })
    assert.deepEqual(redact(["mysql", "--password", "hunter2"]).value, ["mysql", "--password", "[redacted:password]"])
    assert.deepEqual(redact([["X-Api-Key", "k7f2m9q4x8"]]).value, [["X-Api-Key", "[redacted:api-key]"]])
    const cloudSecret = "aB3dE5fG7h".repeat(4)
    assert.deepEqual(redact([`AKI${"A2OGYBAH6STMMNXNN"}`, cloudSecret]).value, ["[redacted:aws-access-key]", "[redacted:aws-secret-key]"])
    assert.deepEqual(redact({ a: cloudSecret }).found, {})
    const phrase = [...Array.from({ length: 11 }, () => "abandon"), "about"]
    assert.deepEqual(redact({ words: phrase }).found, { "recovery-phrase": 1 })
    assert.equal(redactText(`1. ${phrase.join("\n2. ")}`), "1. [redacted:recovery-phrase]")
  })

  test("the mark of what was cut away stays, and a token cut in two is told by its start", () => {
    assert.equal(redactText(`x ${github.slice(0, 14)}…[cut from 52428800]`), "x [redacted:github-token]…[cut from 52428800]")
    assert.deepEqual(redact({ password: "abc…[cut from 9000]" }).value, { password: "[redacted:password]…[cut from 9000]" })
  })
})

describe("redacted payloads", () => {
  test("kinds are counted; the value is the same when nothing was found", () => {
    const clean = { run: "382e1bf3-0d77-48d3-8a96-2cd8de392c89", params: { command: "ls -la", n: 1, list: [true, null, "a"] } }
    assert.equal(redact(clean).value, clean)
    assert.deepEqual(redact({ a: github, b: `${github} ${openai}`, c: { token: "t" } }).found, { "github-token": 2, "openai-key": 1, token: 1 })
  })

  test("ids, tools and sizes of the host's own payloads come through", () => {
    for (const { row, variant, payload } of variants) {
      const { picked } = captured(row, payload)
      assert.deepEqual(redactPicked(picked), { picked, found: {} }, `${row.hook} ${variant}`)
    }
  })

  test("an own __proto__, odd keys and great depth are no trouble", () => {
    const value = JSON.parse(`{"__proto__":{"password":"hunter2"},"constructor":"${github}","":[]}`) as Json
    assert.equal(JSON.stringify(redact(value).value), '{"__proto__":{"password":"[redacted:password]"},"constructor":"[redacted:github-token]","":[]}')
    const deep = JSON.parse(`${"[".repeat(5000)}"${github}"${"]".repeat(5000)}`) as Json
    assert.ok(!JSON.stringify(redact(deep).value).includes(github))
  })

  test("any JSON: no throw, the same shape, and a second time changes nothing", () => {
    const words = fc.constantFrom(
      "password",
      "token=",
      '"',
      "\\",
      ": ",
      "=",
      github,
      openai,
      "Bearer ",
      "\n",
      "://a:b@c",
      "…[cut from 9]",
      "-----BEGIN PRIVATE KEY-----",
      "a",
    )
    const text = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 20 }),
      fc.array(words, { maxLength: 8 }).map((parts) => parts.join("")),
    )
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(text, fc.constantFrom("password", "auth", "tokens", "value", "name")), tie("value"), { maxKeys: 4 }),
      ),
    })).value
    fc.assert(
      fc.property(json, (value) => {
        const once = redact(value)
        assert.ok(!JSON.stringify(once.value).includes(github))
        assert.deepEqual(redact(once.value).value, once.value)
        if (countFound(once.found) === 0) assert.equal(once.value, value)
      }),
      runs(3000),
    )
  })
})
