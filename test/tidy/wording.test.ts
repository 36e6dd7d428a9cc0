/** What no file of the repository may say: where it was made, where its packages came from, pictures instead of words. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { files, linesMatching, read } from "./repository.ts"

const texts = files().filter((path) => !/\.(?:png|jpe?g|gif|ico|woff2?|zst|sqlite|db|gz|zip|bin)$/.test(path))

// Written so that no pattern matches its own line.
const machinePath = /(?<![\w./~$}*-])\/(?:wor[k]|roo[t]|(?:home|Users)\/(?!you\b|user\b|jane\b|openclaw\b|ledger\b)[A-Za-z][\w-]*)(?![\w.-])/
const registryHost =
  /\b(?:registry|npm|mirror|artifactory|nexus|verdaccio|packages)\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|io|dev|internal|local|lan)\b|^\s*(?:@\w+:)?registry\s*=/i
const tarballSource = /"resolved":\s*"(?:https?|git)/
const workplace = /\.\.\/share[d]\b|\bfacts\/(?:openclaw|platform|peers|peac)\.m[d]\b|\bspecs\/(?:guards|audit)\.m[d]\b/
const picture = /\p{Emoji_Presentation}|\uFE0F/u

describe("wording", () => {
  test("there are files to look at", () => {
    assert.ok(texts.length > 40 && texts.includes("package-lock.json"), `only ${texts.length} texts were found`)
  })

  for (const [rule, pattern, looksAt] of [
    ["no path of one machine", machinePath, () => true],
    ["no registry host", registryHost, () => true],
    ["the lock file says what, not from where", tarballSource, (path: string) => path === "package-lock.json"],
    ["no file outside the repository is pointed to", workplace, () => true],
    // Tests need characters of four bytes.
    ["no emoji", picture, (path: string) => !path.startsWith("test/")],
  ] as const) {
    test(rule, () => {
      assert.deepEqual(
        texts.filter(looksAt).flatMap((path) => linesMatching(path, read(path), pattern, "$&")),
        [],
      )
    })
  }
})
