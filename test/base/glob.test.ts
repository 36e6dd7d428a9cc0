/** Name patterns, against a reference made of regular expressions. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { firstMatch, namePattern } from "../../src/base/glob.ts"

const rows: readonly (readonly [string, string, boolean])[] = [
  ["exec", "exec", true],
  ["exec", "Exec", false],
  ["exec", "exec2", false],
  ["exec", "", false],
  ["*", "", true],
  ["*", "anything at all", true],
  ["", "", true],
  ["", "x", false],
  ["mcp__*", "mcp__files__write", true],
  ["mcp__*", "mcp_", false],
  ["*write", "fs.write", true],
  ["*write*", "rewrites", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["ab*bc", "abc", false],
  ["ab*bc", "abbc", true],
  ["*a*b*", "xaxbx", true],
  ["*a*b*", "xbxax", false],
  ["a*b*c", "abcbc", true],
  ["a*bc*c", "abc", false],
  ["a**b", "ab", true],
  ["file.read", "file-read", false],
  ["[a-z]+", "abc", false],
]

describe("name patterns", () => {
  for (const [pattern, name, expected] of rows) {
    test(`${JSON.stringify(pattern)} ${expected ? "matches" : "does not match"} ${JSON.stringify(name)}`, () => {
      assert.equal(namePattern(pattern).matches(name), expected)
    })
  }

  test("agree with a regular expression", () => {
    const letters = (most: number) => fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: most })
    fc.assert(
      fc.property(letters(6), letters(9), (pattern, name) => {
        const expression = pattern
          .split("*")
          .map((part) => part.replaceAll(".", "\\."))
          .join("[^]*")
        assert.equal(namePattern(pattern).matches(name), new RegExp(`^${expression}$`).test(name))
      }),
      { numRuns: 2_000 },
    )
  })

  test("the first one that matches is named", () => {
    const patterns = ["read", "ex*", "*"].map(namePattern)
    assert.equal(firstMatch(patterns, "exec")?.pattern, "ex*")
    assert.equal(firstMatch(patterns, "write")?.pattern, "*")
    assert.equal(firstMatch(patterns.slice(0, 2), "write"), undefined)
  })
})
