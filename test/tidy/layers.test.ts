/** The real import graph of `src/` against `layers.js`. Lint says the same earlier; this resolves paths and sees what lint's patterns cannot. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { appenders, layers, roots } from "../../layers.js"
import { allImports, computedImportsOf, cycleIn, partOf, type Import } from "./import-graph.ts"
import { exists, foldersIn, sources } from "./repository.ts"

type Layer = { readonly folders: readonly string[]; readonly packages: readonly string[] }

const rows: Readonly<Record<string, Layer>> = layers
const imports = allImports()
const importableRoots = ["config", "version"]
const appendSide = "src/journal/journal.ts"

describe("layers", () => {
  test("the graph is not empty", () => {
    assert.ok(imports.length > 50, `only ${imports.length} imports were found in src/`)
  })

  test("every folder of src/ has a row and every row a folder", () => {
    assert.deepEqual(foldersIn("src"), Object.keys(rows).sort())
  })

  test("every file right under src/ is a root", () => {
    const direct = sources("src").filter((path) => path.split("/").length === 2)
    assert.deepEqual(
      direct.map(partOf).filter((name) => !roots.includes(name)),
      [],
    )
  })

  test("every relative import names a file that is there", () => {
    assert.deepEqual(
      found(({ target }) => target !== undefined && !exists(target)),
      [],
    )
  })

  test("no import is computed", () => {
    assert.deepEqual(sources("src").flatMap(computedImportsOf), [])
  })

  test("folders import only what their row lists", () => {
    assert.deepEqual(found(crossesLayers), [])
  })

  test("packages are used only where they are listed", () => {
    assert.deepEqual(found(usesForeignPackage), [])
  })

  test("capture, policy, ledger and prices import no module of Node", () => {
    assert.deepEqual(
      found(({ from, specifier }) => ["capture", "policy", "ledger", "prices"].includes(partOf(from)) && specifier.startsWith("node:")),
      [],
    )
  })

  test("only those who may append import the journal's append side", () => {
    const may = [...appenders, "journal", ...roots]
    assert.deepEqual(
      found(({ from, target }) => target === appendSide && !may.includes(partOf(from))),
      [],
    )
    assert.ok(exists(appendSide), `${appendSide} has moved; this test guards nothing`)
  })

  test("neither the rows nor the imports go in a circle", () => {
    assert.equal(cycleIn(new Map(Object.entries(rows).map(([name, row]) => [name, new Set(row.folders)])))?.join(" -> "), undefined)
    const edges = new Map<string, Set<string>>()
    for (const { from, target } of imports) {
      if (!target?.startsWith("src/") || partOf(target) === partOf(from)) continue
      edges.set(partOf(from), (edges.get(partOf(from)) ?? new Set()).add(partOf(target)))
    }
    assert.equal(cycleIn(edges)?.join(" -> "), undefined)
  })
})

function found(isWrong: (row: Import) => boolean): readonly string[] {
  return imports.filter(isWrong).map(({ from, line, specifier }) => `${from}:${line} imports ${specifier}`)
}

function crossesLayers({ from, target }: Import): boolean {
  if (target === undefined) return false
  if (!target.startsWith("src/")) return target !== "package.json"
  const own = partOf(from)
  const other = partOf(target)
  if (other === own || roots.includes(own) || importableRoots.includes(other)) return false
  return !rows[own]?.folders.includes(other)
}

/** Roots may use what the outermost folders may; OpenClaw is the host's and its plugin entry's alone. */
function usesForeignPackage({ from, target, specifier }: Import): boolean {
  if (target !== undefined) return false
  const own = partOf(from)
  const listed = rows[own]?.packages ?? [...layers.surfaces.packages, ...(own === "plugin" ? layers.host.packages : [])]
  const name = specifier.startsWith("node:") ? (specifier.split("/")[0] ?? "") : packageName(specifier)
  return !(listed.includes(name) || (specifier.startsWith("node:") && listed.includes("node:*")))
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}
