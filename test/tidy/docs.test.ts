/** Documents that keep their word: links lead somewhere, the house is as drawn, what is generated is up to date. */
import assert from "node:assert/strict"
import { posix } from "node:path"
import { describe, test } from "node:test"
import { layers } from "../../layers.js"
import { outOfDate } from "../../scripts/generate.ts"
import { exists, files, folderOf, foldersIn, linesMatching, read } from "./repository.ts"

const pages = files().filter((path) => path.endsWith(".md"))
const expected = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "CODE_OF_CONDUCT.md",
  "LICENSE",
  "openclaw.plugin.json",
  ".github/workflows/ci.yml",
  ".github/PULL_REQUEST_TEMPLATE.md",
  "docs/spec/journal.md",
]

describe("docs", () => {
  test("what a newcomer looks for is there", () => {
    assert.deepEqual(
      expected.filter((path) => !exists(path)),
      [],
    )
  })

  test("the README has at most 150 lines", () => {
    assert.ok(lineCount("README.md") <= 150, `README.md has ${lineCount("README.md")} lines`)
  })

  test("every relative link leads to a file, every anchor to a heading", () => {
    assert.ok(pages.flatMap(linksOf).length > 5, "no links were found")
    assert.deepEqual(
      pages.flatMap((page) =>
        linksOf(page)
          .filter(isDead)
          .map((link) => `${page}: ${link.written}`),
      ),
      [],
    )
  })

  test("what ARCHITECTURE.md draws exists, and every folder of src/ is drawn", () => {
    const drawn = houseOf(read("ARCHITECTURE.md"))
    assert.ok(drawn.length > 10, "no drawing was found")
    assert.deepEqual(
      drawn.filter((path) => !exists(path)),
      [],
    )
    assert.deepEqual(
      foldersIn("src").filter((folder) => !drawn.includes(`src/${folder}/`)),
      [],
    )
  })

  test("ARCHITECTURE.md and layers.js agree on who may import whom", () => {
    const written = new Map<string, readonly string[]>()
    for (const [, folders = "", imports = ""] of read("ARCHITECTURE.md").matchAll(/^\| (`[a-z]+`(?:, `[a-z]+`)*) \| ([^|]+) \|$/gm)) {
      for (const folder of namesIn(folders)) written.set(folder, namesIn(imports))
    }
    assert.deepEqual(Object.fromEntries(written), Object.fromEntries(Object.entries(layers).map(([folder, row]) => [folder, row.folders])))
  })

  test("commands the documents tell to run are scripts of package.json", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> }
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm (?:run )?(test|(?<=run )[\w:-]+)/g)].map((match) => ({ page, script: match[1] ?? "" })),
    )
    assert.ok(named.length > 0, "no command was found")
    assert.deepEqual(
      named.filter(({ script }) => !(script in scripts)).map(({ page, script }) => `${page}: npm run ${script}`),
      [],
    )
  })

  test("the changelog has an entry for the version of package.json", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string }
    assert.match(read("CHANGELOG.md"), new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\]`, "m"))
  })

  test("generated files are up to date (npm run generate)", () => {
    assert.deepEqual(outOfDate(), [])
  })

  test("sources name documents that are there", () => {
    const texts = files(["src", "scripts", "bench"]).filter((path) => path.endsWith(".ts"))
    const named = texts.flatMap((path) => [...read(path).matchAll(/\bdocs\/[\w./-]+\.md\b/g)].map((match) => ({ path, document: match[0] })))
    assert.ok(named.length > 0, "no document is named any more")
    assert.deepEqual(
      named.filter(({ document }) => !exists(document)).map(({ path, document }) => `${path}: ${document}`),
      [],
    )
  })

  test("no sentence is left open", () => {
    assert.deepEqual(
      pages.flatMap((page) => linesMatching(page, read(page), /\b(?:TB[D]|TOD[O]|lorem ipsum|coming soon)\b/i, "$&")),
      [],
    )
  })
})

type Link = { readonly written: string; readonly page: string; readonly anchor: string }

function linksOf(page: string): readonly Link[] {
  const prose = read(page)
    .replace(/^```[^]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "")
  const targets = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)].map((match) => match[1] ?? match[2] ?? "")
  return targets
    .filter((written) => !/^[a-z][a-z0-9+.-]*:/i.test(written))
    .map((written) => {
      const [path = "", anchor = ""] = written.split("#")
      return { written, anchor, page: path === "" ? page : posix.join(folderOf(page), decodeURIComponent(path)) }
    })
}

function isDead({ page, anchor }: Link): boolean {
  if (page.startsWith("..") || !exists(page)) return true
  return anchor !== "" && page.endsWith(".md") && !anchorsOf(page).includes(anchor)
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([a-z]+)`/g)].map((match) => match[1] ?? "")
}

/** The anchors GitHub gives to headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = [
    ...read(page)
      .replace(/^```[^]*?^```/gm, "")
      .matchAll(/^#{1,6}\s+(.+)$/gm),
  ].map((match) => match[1] ?? "")
  return headings.map((heading) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  )
}

/** Paths of a tree drawn with box characters, four columns a level, one name a line. */
function houseOf(text: string): readonly string[] {
  const trail: string[] = []
  const drawn: string[] = []
  for (const line of text.split("\n")) {
    const match = /^((?:│ {3}| {4})*)[├└]── (\S+)/.exec(line)
    if (!match) continue
    const [, indent = "", name = ""] = match
    trail.splice(indent.length / 4)
    drawn.push(trail.join("") + name)
    trail.push(name)
  }
  return drawn
}

function lineCount(path: string): number {
  return read(path).split("\n").length - 1
}
