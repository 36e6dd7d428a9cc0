/** The rules of the house that neither the compiler nor lint knows, or that must hold even where lint is switched off. */
import assert from "node:assert/strict"
import { basename } from "node:path"
import { describe, test } from "node:test"
import { files, linesMatching, read, sources } from "./repository.ts"

const ours = sources(["src", "test", "scripts", "bench"])
const everyScript = files(["src", "test", "scripts", "bench", ".ci"]).filter((path) => /\.(?:ts|js|mjs|cjs|sh)$|\/run$/.test(path))
const mostLines = 300

describe("style", () => {
  test("there are files to look at", () => {
    assert.ok(ours.length > 30, `only ${ours.length} sources were found`)
  })

  test("no file is named for being a drawer", () => {
    assert.deepEqual(
      ours.filter((path) => /^(?:utils?|helpers?|manager|service|types|common|misc)$|-(?:utils?|helpers?|manager)$/.test(stem(path))),
      [],
    )
  })

  test("file and folder names are kebab-case", () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
    const named = files(["src", "test", "scripts", "bench"]).filter((path) => /\.(?:ts|js|mjs)$/.test(path))
    assert.deepEqual(
      named.filter((path) => ![...path.split("/").slice(0, -1), stem(path)].every((name) => kebab.test(name))),
      [],
    )
  })

  test("no any, enum, namespace or parameter properties", () => {
    assert.deepEqual(
      ours.flatMap((path) => [
        ...linesOfCode(path, /(?::|\bas|<|,|\|)\s*any\s*(?:[;,)>=|[\]{}]|$)/, "any"),
        ...linesOfCode(path, /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+/, "enum"),
        ...linesOfCode(path, /^\s*(?:export\s+)?(?:declare\s+)?(?:namespace|module)\s+[\w"]/, "namespace"),
        ...linesOfCode(path, /constructor\s*\((?:[^)]*,)?\s*(?:public|private|protected|readonly)\s+\w+/, "parameter property"),
      ]),
      [],
    )
  })

  test("nothing is left to do, and no test is singled out or passed over", () => {
    assert.deepEqual(
      everyScript.flatMap((path) => [
        ...linesMatching(path, read(path), /\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/, "$&"),
        ...linesMatching(path, read(path), /\b(?:test|it|describe|suite)\.(?:onl[y]|ski[p]|tod[o])\b|\bonl[y]: true/, "$&"),
      ]),
      [],
    )
  })

  test("checks are not switched off", () => {
    const off = /@ts-(?:ignor[e]|nochec[k])|(?:eslint|oxlint)-disabl[e](?!-(?:next-)?line\s+\S.*--\s*\S)|(?:oxfmt|prettier)-ignor[e]-(?:file|start)/
    assert.deepEqual(
      ours.flatMap((path) => linesMatching(path, read(path), off, "$&")),
      [],
    )
  })

  test(`no file is longer than ${mostLines} lines`, () => {
    const long = ours.map((path) => ({ path, lines: read(path).split("\n").length - 1 })).filter(({ lines }) => lines > mostLines)
    assert.deepEqual(
      long.map(({ path, lines }) => `${path} has ${lines} lines`),
      [],
    )
  })
})

function stem(path: string): string {
  return basename(path).replace(/(?:\.test|\.d)?\.\w+$/, "")
}

/** As `linesMatching`, with comments and the insides of strings blanked. */
function linesOfCode(path: string, pattern: RegExp, words: string): readonly string[] {
  const code = read(path)
    .split("\n")
    .map((line) => (/^\s*(?:\*|\/\*|\/\/)/.test(line) ? "" : line.replace(/(["'`])(?:\\.|(?!\1).)*\1/g, "$1$1").replace(/\/\/.*$/, "")))
  return linesMatching(path, code.join("\n"), pattern, words)
}
